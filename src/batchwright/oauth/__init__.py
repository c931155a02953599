"""OAuth 2.0 and OpenID Connect: how people let apps act for them. Data in, data out; the web pages are elsewhere."""
