"""What a type checker must accept. It is not run."""

from typing import Optional

import airouter


async def read(router: airouter.Router) -> str:
    text = ""
    async for chunk in router.stream({"model": "m", "messages": []}, timeout=1.5):
        text += chunk.text
    return text + (await router.acall("{}")).text


def ask(router: airouter.Router) -> Optional[int]:
    response: airouter.Response = router.call(b"{}", headers={"x": "y"})
    provider: str = response.head["provider"]
    reports = [report["left_ms"] for report in router.health() if report["provider"] == provider]
    shares = sum(candidate["share"] for candidate in router.explain("m")["candidates"])
    usage = response.summary["usage"]
    try:
        for chunk in router.stream(response.body):
            print(chunk.data, reports, shares)
    except airouter.Error as error:
        return error.retry_after
    return usage["input_tokens"] if usage else None
