"""What her autoencoder knows: an atlas of all features, and what a push along one of them makes her say."""
