"""XML signatures of messages: signing, and judging what a signature is worth."""
