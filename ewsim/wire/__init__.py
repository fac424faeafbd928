"""Real protocol messages of warnings: encoders, decoders, capture files; no socket."""
