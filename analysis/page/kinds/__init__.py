"""What a page of each kind of folder says, one file a kind."""
