"""Where does it run? Executor, progress, cancellation."""
