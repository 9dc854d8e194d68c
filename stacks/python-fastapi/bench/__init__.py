"""The FastAPI stack of stackdyno."""
