"""What in a pipeline would let a change past the gates: read from its files, nothing is run and nobody is asked."""
