"""Is suppressing a concept in the residual stream surer than forbidding it in the prompt?"""
