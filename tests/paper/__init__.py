"""The paper's rules and figures, each as a test that cites it."""
