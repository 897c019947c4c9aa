"""The process with Textual in it. It never imports torch: the engine is a child that speaks `wire`."""
