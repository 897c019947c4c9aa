"""The forge: where the embedded body is made. Needs a CUDA GPU; nothing here is imported while chatting."""
