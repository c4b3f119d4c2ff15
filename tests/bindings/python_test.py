"""The Python binding, with providers of binding_world's on loopback."""

import asyncio
import contextlib
import copy
import gc
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import unittest
import unittest.mock
import weakref

import airouter

CONFIG = os.environ["AIROUTER_TEST_CONFIG"]
TEXT = "Grüße, wide 🌍 world."


def ask(model, **more):
    return {"model": model, "messages": [{"role": "user", "content": "Grüße"}], **more}


class WithRouter(unittest.TestCase):
    def setUp(self):
        self.router = airouter.Router.from_file(CONFIG)
        self.addCleanup(self.router.close)

    def fails(self, code, function):
        with self.assertRaises(airouter.Error) as caught:
            function()
        self.assertEqual(caught.exception.code, code)
        return caught.exception


class Calls(WithRouter):
    def test_a_call_fails_over(self):
        response = self.router.call(ask("failover"))
        self.assertEqual(response.text, TEXT)
        self.assertEqual(response.json()["choices"][0]["message"]["content"], TEXT)
        self.assertEqual(response.head["provider"], "failover-3")
        self.assertEqual(response.head["attempts"], 3)
        self.assertEqual(response.head["headers"]["content-type"], "application/json")
        failures = [attempt["failure"] for attempt in response.summary["attempts"]]
        self.assertEqual(failures, ["server_error", "rate_limited", "none"])

    def test_a_request_may_be_text(self):
        for request in (json.dumps(ask("failover")), json.dumps(ask("failover")).encode()):
            self.assertEqual(self.router.call(request).text, TEXT)

    def test_what_fails_says_how(self):
        error = self.fails("request_rejected", lambda: self.router.call(ask("rejected")))
        self.assertEqual(error.http_status, 400)
        self.assertEqual(error.body["error"]["code"], "context_length_exceeded")
        self.assertIn("too long", str(error))
        self.fails("unknown_model", lambda: self.router.call(ask("nobody-has-it")))
        self.fails("all_providers_failed", lambda: self.router.call(ask("down")))
        self.fails("timeout", lambda: self.router.call(ask("hang"), timeout=0.05))
        self.fails("invalid_request", lambda: self.router.call("{"))
        self.fails("invalid_request", lambda: self.router.call(ask("failover"), headers={"name": 7}))

    def test_errors_are_copied_and_pickled_whole(self):
        error = self.fails("request_rejected", lambda: self.router.call(ask("rejected")))
        for other in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
            self.assertIs(type(other), airouter.Error)
            self.assertEqual((str(other), vars(other)), (str(error), vars(error)))

    def test_the_library_works_while_others_run(self):
        """The GIL is released: a thread counts on while a call waits."""
        counted = 0
        thread = threading.Thread(target=lambda: self.fails("timeout", lambda: self.router.call(ask("hang"), timeout=0.5)))
        thread.start()
        begin = time.monotonic()
        while thread.is_alive() and time.monotonic() - begin < 10:
            counted += 1
            time.sleep(0.001)
        thread.join()
        self.assertGreater(counted, 50)

    def test_many_threads_use_one_router(self):
        self.router.call(ask("failover"))  # who fails is known: third attempts are rationed
        texts = []
        threads = [threading.Thread(target=lambda: texts.append(self.router.call(ask("failover")).text)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(texts, [TEXT] * 16)


class Streams(WithRouter):
    def test_a_stream_is_an_iterator(self):
        with self.router.stream(ask("failover")) as stream:
            self.assertIsNone(stream.head)
            chunks = list(stream)
            self.assertEqual("".join(chunk.text for chunk in chunks), TEXT)
            self.assertTrue(b"".join(chunk.data for chunk in chunks).endswith(b"data: [DONE]\n\n"))
            self.assertEqual(stream.head["provider"], "failover-3")
            self.assertEqual(len(stream.summary["attempts"]), 3)
            self.assertEqual(list(stream), [])

    def test_every_event_arrives(self):
        text = "".join(chunk.text for chunk in self.router.stream(ask("many")))
        self.assertEqual(text, "word " * 1000)

    def test_a_broken_stream_raises_after_what_came(self):
        got = []

        def read():
            for chunk in self.router.stream(ask("broken")):
                got.append(chunk.text)

        self.fails("stream_broken", read)
        self.assertEqual("".join(got), "word word ")

    def test_leaving_and_closing_end_a_stream(self):
        with self.router.stream(ask("slow")) as stream:
            for _ in stream:
                break
        self.assertEqual(list(stream), [])
        with self.assertRaises(ValueError):
            stream.summary
        stream.close()
        del stream
        gc.collect()

    def test_cancel_comes_from_another_thread(self):
        stream = self.router.stream(ask("hang"))
        threading.Timer(0.1, stream.cancel).start()
        begin = time.monotonic()
        self.fails("cancelled", lambda: next(stream))
        self.assertLess(time.monotonic() - begin, 5)

    def test_close_comes_from_another_thread(self):
        stream = self.router.stream(ask("hang"))
        threading.Timer(0.1, stream.close).start()
        with self.assertRaises((airouter.Error, StopIteration)):
            next(stream)

    def test_a_call_is_not_freed_while_it_is_cancelled(self):
        """What the library is asked for, with a cancel that takes its time."""
        asked = []

        class Library:
            def __getattr__(self, name):
                return getattr(airouter._native.lib, name)

            def airouter_call_cancel(self, call):
                asked.append("cancel")
                time.sleep(0.05)
                airouter._native.lib.airouter_call_cancel(call)
                asked.append("cancelled")

            def airouter_call_free(self, call):
                asked.append("free")
                airouter._native.lib.airouter_call_free(call)

        stream = self.router.stream(ask("hang"))
        with unittest.mock.patch("airouter._stream.lib", Library()):
            cancelling = threading.Thread(target=stream.cancel)
            cancelling.start()
            while not asked:
                time.sleep(0.001)
            stream.close()
            cancelling.join()
            stream.cancel()
            stream.close()
        self.assertEqual(asked, ["cancel", "cancelled"] * 2 + ["free"])

    def test_threads_read_cancel_and_close_at_the_same_time(self):
        def read(stream):
            try:
                for _ in stream:
                    pass
            except airouter.Error as error:
                self.assertEqual(error.code, "cancelled")

        for round in range(100):
            stream = self.router.stream(ask("hang" if round % 2 else "slow"))
            acts = [lambda: read(stream), stream.cancel, stream.close, stream.cancel, stream.close]
            threads = [threading.Thread(target=act) for act in acts]
            for thread in threads[round % 5 :] + threads[: round % 5]:
                thread.start()
            del stream, acts
            gc.collect(0)
            for thread in threads:
                thread.join(20)
                self.assertFalse(thread.is_alive())

    def test_a_signal_handler_cancels(self):
        stream = self.router.stream(ask("hang"))
        before = signal.signal(signal.SIGALRM, lambda number, frame: stream.cancel())
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        self.fails("cancelled", lambda: next(stream))

    def test_a_router_is_kept_by_its_stream(self):
        stream = airouter.Router.from_file(CONFIG).stream(ask("failover"))
        gc.collect()
        self.assertEqual("".join(chunk.text for chunk in stream), TEXT)

    def test_closing_the_router_ends_what_runs(self):
        begun, stream = self.router.stream(ask("slow")), self.router.stream(ask("failover"))
        next(begun)
        calling = threading.Thread(target=lambda: self.fails("cancelled", lambda: self.router.call(ask("hang"))))
        calling.start()
        time.sleep(0.1)
        begin = time.monotonic()
        self.router.close()
        calling.join(20)
        self.assertLess(time.monotonic() - begin, 5)
        self.fails("cancelled", lambda: list(begun))
        self.fails("cancelled", lambda: list(stream))
        with self.assertRaises(ValueError):
            self.router.models()


class Asynchronous(WithRouter):
    def test_a_stream_is_an_async_iterator(self):
        async def read(model):
            return "".join([chunk.text async for chunk in self.router.stream(ask(model))])

        async def read_many():
            return await asyncio.gather(*[read("failover") for _ in range(20)], read("many"))

        self.router.call(ask("failover"))  # who fails is known: third attempts are rationed
        self.assertEqual(asyncio.run(read_many()), [TEXT] * 20 + ["word " * 1000])

    def test_acall_answers_and_fails(self):
        self.assertEqual(asyncio.run(self.router.acall(ask("failover"))).text, TEXT)
        self.fails("request_rejected", lambda: asyncio.run(self.router.acall(ask("rejected"))))

    def test_the_loop_runs_on_while_streams_wait(self):
        async def wait():
            reading = [asyncio.ensure_future(self.router.acall(ask("hang"), timeout=0.5)) for _ in range(50)]
            ticks = 0
            while not all(task.done() for task in reading):
                await asyncio.sleep(0.01)
                ticks += 1
            results = await asyncio.gather(*reading, return_exceptions=True)
            return ticks, {result.code for result in results}

        ticks, codes = asyncio.run(wait())
        self.assertGreater(ticks, 5)
        self.assertEqual(codes, {"timeout"})

    def test_every_event_arrives_in_order_also_with_a_slow_reader(self):
        async def read():
            got = []
            async for chunk in self.router.stream(ask("many")):
                got.append(chunk.text)
                if len(got) in (1, 500):
                    await asyncio.sleep(0.7)  # longer than a thread reads ahead
            return "".join(got)

        self.assertEqual(asyncio.run(read()), "word " * 1000)

    def test_no_more_is_read_ahead_than_a_bound(self):
        async def read():
            with unittest.mock.patch("airouter._stream._AHEAD_MAX", 8):
                stream = self.router.stream(ask("many"))
                lengths = []
                for _ in range(3):
                    await stream.__anext__()
                    await asyncio.sleep(0.3)
                    lengths.append(len(stream._ahead))
                stream.close()
                return max(lengths)

        self.assertIn(asyncio.run(read()), range(1, 9))

    def test_streams_that_are_dropped_end(self):
        async def drop():
            streams = [self.router.stream(ask("slow")) for _ in range(20)]
            await asyncio.gather(*[stream.__anext__() for stream in streams])
            return [weakref.ref(stream) for stream in streams]

        dropped = asyncio.run(drop())
        begin = time.monotonic()
        while any(stream() for stream in dropped) and time.monotonic() - begin < 20:
            time.sleep(0.05)
            gc.collect()
        self.assertLess(time.monotonic() - begin, 5)

    def test_closing_the_router_ends_what_is_awaited(self):
        async def close():
            tasks = [asyncio.ensure_future(self.router.acall(ask("hang"))) for _ in range(3)]
            await asyncio.sleep(0.1)
            threads = threading.active_count()
            self.router.close()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            self.assertLessEqual(threading.active_count(), threads)
            return {result.code for result in results}

        self.assertEqual(asyncio.run(asyncio.wait_for(close(), 20)), {"cancelled"})

    def test_aclose_ends_a_stream(self):
        async def leave():
            stream = self.router.stream(ask("many"))
            async with contextlib.AsyncExitStack() as stack:
                stack.push_async_callback(stream.aclose)
                await stream.__anext__()
                await asyncio.sleep(0.2)
                self.assertGreater(len(stream._ahead), 0)
            return [chunk async for chunk in stream]

        self.assertEqual(asyncio.run(leave()), [])

    def test_several_tasks_read_one_stream(self):
        async def read(stream):
            return [chunk.text async for chunk in stream]

        async def read_all():
            stream = self.router.stream(ask("pausing"))
            return sum(await asyncio.gather(*[read(stream) for _ in range(3)]), [])

        self.assertEqual("".join(asyncio.run(read_all())), "word " * 4)

    def test_looking_at_a_stream_does_not_wait_for_it(self):
        async def look():
            stream = self.router.stream(ask("hang"))
            reading = asyncio.ensure_future(stream.__anext__())
            await asyncio.sleep(0.05)
            begin = time.monotonic()
            for _ in range(20):
                self.assertIsNone(stream.head)
                self.assertEqual(stream.summary["model"], "hang")
            took = time.monotonic() - begin
            reading.cancel()
            return took

        self.assertLess(asyncio.run(look()), 0.3)

    def test_a_program_ends_soon_that_left_a_stream(self):
        program = """
import asyncio, os, airouter
router = airouter.Router.from_file(os.environ["AIROUTER_TEST_CONFIG"])
stream = router.stream({"model": "slow", "messages": []})
async def read():
    async for chunk in stream:
        break
asyncio.run(read())
"""
        begin = time.monotonic()
        subprocess.run([sys.executable, "-B", "-c", program], check=True, timeout=20)
        self.assertLess(time.monotonic() - begin, 5)

    def test_cancelling_the_task_cancels_the_call(self):
        async def leave():
            stream = self.router.stream(ask("hang"))
            task = asyncio.ensure_future(stream.__anext__())
            await asyncio.sleep(0.1)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            with self.assertRaises(airouter.Error) as caught:
                await stream.__anext__()
            return caught.exception.code

        self.assertEqual(asyncio.run(asyncio.wait_for(leave(), 10)), "cancelled")


class Routers(WithRouter):
    def test_explain_health_models(self):
        plan = self.router.explain("failover")
        self.assertEqual([c["provider"] for c in plan["candidates"]], ["failover-1", "failover-2", "failover-3"])
        self.router.call(ask("failover"))
        states = {(r["provider"], r["model"]): r["state"] for r in self.router.health()}
        self.assertEqual(states[("failover-1", "failover")], "cooling")
        self.assertEqual(states[("failover-3", "")], "healthy")
        self.router.reset_health("failover-1")
        self.assertNotIn("failover-1", [skipped["provider"] for skipped in self.router.explain("failover")["skipped"]])
        self.assertIn("many", self.router.models())

    def test_configs_are_mappings_or_text(self):
        provider = {"name": "a", "base_url": "http://127.0.0.1:1/v1", "api_key": "k", "supported_models": ["m"]}
        for config in ({"providers": [provider]}, json.dumps({"providers": [provider]})):
            with airouter.Router(config) as router:
                self.assertEqual(router.models(), ["m"])
                router.reload({"providers": []})
                self.assertEqual(router.models(), [])
                with self.assertRaises(airouter.Error) as caught:
                    router.reload({"providers": [{**provider, "weight": 0}]})
                self.assertIn("/providers/0/weight", caught.exception.message)
        self.fails("invalid_config", lambda: airouter.Router("{"))
        self.fails("invalid_config", lambda: airouter.Router.from_file("/nowhere/config.json"))

    def test_threads_use_and_close_a_router_at_the_same_time(self):
        def use(router, seen):
            try:
                while True:
                    router.models(), router.explain("failover"), router.stream(ask("failover")).close()
                    seen.set()
            except ValueError as error:
                self.assertEqual(str(error), "the router is closed")

        for _ in range(30):
            router, seen = airouter.Router.from_file(CONFIG), threading.Event()
            threads = [threading.Thread(target=use, args=(router, seen)) for _ in range(4)]
            threads += [threading.Thread(target=router.close) for _ in range(2)]
            for thread in threads[:4]:
                thread.start()
            seen.wait(10)
            for thread in threads[4:]:
                thread.start()
            for thread in threads:
                thread.join(20)
                self.assertFalse(thread.is_alive())

    def test_nothing_of_the_library_is_copied(self):
        stream = self.router.stream(ask("failover"))
        for handle in (self.router, stream):
            for copied in (copy.copy, copy.deepcopy, pickle.dumps):
                with self.assertRaisesRegex(TypeError, "cannot be copied"):
                    copied(handle)
        gc.collect()
        self.assertEqual("".join(chunk.text for chunk in stream), TEXT)
        self.assertIn("many", self.router.models())

    def test_names_hold_no_nul(self):
        with self.assertRaises(ValueError):
            self.router.explain("a\0b")

    def test_what_has_the_wrong_type_is_told(self):
        for wrong in (
            lambda: self.router.explain(None),
            lambda: self.router.reset_health(b"a"),
            lambda: airouter.Router.from_file(3),
            lambda: self.router.call(ask("failover"), timeout="1"),
        ):
            self.assertRaises(TypeError, wrong)
        for timeout in (float("nan"), float("inf")):
            with self.assertRaisesRegex(ValueError, "finite"):
                self.router.stream(ask("failover"), timeout=timeout)
        with airouter.Router.from_file(os.fsencode(CONFIG)) as router:
            self.assertIn("many", router.models())


class CtrlC(unittest.TestCase):
    """What a program does that iterates while somebody presses Ctrl-C."""

    CALL = """
def wait():
    print("waiting", flush=True)
    router.call(request)
"""
    ITERATE = """
def wait():
    global stream
    stream = router.stream(request)
    print("waiting", flush=True)
    for chunk in stream:
        pass
"""
    ITERATE_IN_ASYNCIO = """
async def read():
    global stream
    stream = router.stream(request)
    print("waiting", flush=True)
    async for chunk in stream:
        pass

def wait():
    asyncio.run(read())
"""
    PROGRAM = """
import asyncio, os, sys, airouter
router = airouter.Router.from_file(os.environ["AIROUTER_TEST_CONFIG"])
request = {"model": sys.argv[1], "messages": []}
stream = None
%s
try:
    wait()
except KeyboardInterrupt:
    print("interrupted", flush=True)
if stream is not None:
    try:
        while True:
            next(stream)
    except airouter.Error as error:
        print(error.code, flush=True)
"""

    def leaves(self, wait, model):
        """What it prints after Ctrl-C, and it must end soon."""
        command = [sys.executable, "-B", "-c", self.PROGRAM % wait, model]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            self.assertEqual(child.stdout.readline(), "waiting\n")
            time.sleep(0.3)
            begin = time.monotonic()
            child.send_signal(signal.SIGINT)
            output, errors = child.communicate(timeout=20)
            self.assertLess(time.monotonic() - begin, 5)
            self.assertEqual((child.returncode, errors), (0, ""))
            return output

    def test_it_ends_a_call_that_waits(self):
        self.assertEqual(self.leaves(self.CALL, "hang"), "interrupted\n")

    def test_it_ends_and_cancels_what_is_iterated(self):
        for wait in (self.ITERATE, self.ITERATE_IN_ASYNCIO):
            for model in ("hang", "slow"):
                with self.subTest(model=model, wait=wait):
                    self.assertEqual(self.leaves(wait, model), "interrupted\ncancelled\n")


if __name__ == "__main__":
    unittest.main()
