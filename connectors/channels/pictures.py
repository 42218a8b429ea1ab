"""Pictures of answers as PNG, for channels that take no addresses of this server."""

from __future__ import annotations

import asyncio
import logging
import re
from urllib.parse import parse_qsl, urlsplit

from connectors.overlap_pictures import Pictures
from connectors.pictures.renderer import NotDrawn
from knowledge.access import Audience
from knowledge.index import Index

logger = logging.getLogger(__name__)

_PATH = re.compile(r"/pictures/(timeline|matrix)\.svg")


class ChannelPictures:
    """Draws the pictures of replies; the renderer starts with the first."""

    def __init__(self, index: Index) -> None:
        self._pictures = Pictures(index)

    async def png(self, src: str, audience: Audience) -> bytes | None:
        """The picture that a reply names by `src`, as `audience` may see it now; None where there is none."""
        address = urlsplit(src)
        named = _PATH.fullmatch(address.path)
        if named is None or address.netloc:
            return None
        parameters = parse_qsl(address.query)
        try:
            return await asyncio.to_thread(self._pictures.draw, named[1], "png", parameters, audience)
        except NotDrawn:
            logger.warning("A picture could not be drawn")
            return None
