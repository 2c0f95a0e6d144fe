# aiosmtpd as its own documentation starts it, on the address and port of the arguments.
import asyncio
import sys

from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP


async def serve(ip, port):
    loop = asyncio.get_running_loop()
    session = lambda: SMTP(Sink(), hostname="mail.provider.test", loop=loop)
    server = await loop.create_server(session, ip, port)
    await server.serve_forever()


asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
