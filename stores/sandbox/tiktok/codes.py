"""TikTok's error codes that the imitation answers with, each with its documented text; a test compares them with the official reference."""

from __future__ import annotations

MESSAGES: dict[int, str] = {
    # The gateway (tiktok.md §4). Only the codes are documented there; the texts are ours.
    101000: "The access token does not belong to this shop cipher.",
    105002: "The access token has expired.",
    105005: "Access denied: the scope of this API was not granted.",
    106001: "Signature is invalid.",
    106013: "Shop cipher is missing.",
    36009002: "Too many requests. Please try again later.",
    36009003: "Internal error. Please try again. If the issue persists after multiple attempts, please contact platform support.",
    36009004: "Invalid parameter.",
    36009007: "Request timed out.",
    36009009: "Invalid path.",
    36009010: "Invalid method.",
    36009014: "This API version has been retired.",
    36009021: "The file is too big.",
    36009022: "The file has the wrong format.",
    36009023: "The request must be multipart/form-data.",
    36009033: "The IP address is not on the allow list of the app.",
    # Tokens.
    36004001: "The refresh token has expired.",
    36004004: "The authorization code is invalid or was used already.",
    36004005: "There is no authorization record.",
    # Reference of each operation.
    12052910: "Invalid input parameters. Refer to the API documentation for details.",
    21001001: "Invalid parameters. Please ensure you are passing the correct request parameter(s).",
    25001001: "An invalid request parameter was passed. Please check that you have the correct parameter type(s) and format.",
}
