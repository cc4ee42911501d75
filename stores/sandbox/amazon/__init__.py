"""The imitation Amazon: a strict stand-in for the Selling Partner API, with its own memory and books. Never imported by the product."""
