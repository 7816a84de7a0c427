from .server import main, server

__all__ = ["main", "server"]
