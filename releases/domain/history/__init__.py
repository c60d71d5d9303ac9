"""Rules of the public history: changes of cycles, and differences between states of rows."""
