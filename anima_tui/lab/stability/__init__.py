"""Does a steering vector learned in one context hold in another?"""
