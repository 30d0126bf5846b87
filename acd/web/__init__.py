"""The API, health and metrics pages (aiohttp)."""
