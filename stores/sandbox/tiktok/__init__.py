"""The imitation TikTok Shop: a strict stand-in for the TikTok Shop Open API, with its own memory and books. Never imported by the product."""
