"""An answer's text, streamed, from whichever provider works. The same program as smart.cpp, smart.c and smart.js."""

# [stream]
import sys

import airouter

try:
    with airouter.Router.from_file(sys.argv[1]) as router:
        for chunk in router.stream({"model": "smart", "messages": [{"role": "user", "content": "Hi"}]}):
            print(chunk.text, end="", flush=True)
except airouter.Error as error:
    sys.exit(f"{error.code}: {error}")
# [end]
