"""Opens a report in headless Chromium and tries what a reader does with it.

    python3 page.py REPORT.html

Speaks the DevTools protocol over a pipe (file descriptors 3 and 4 of the browser), so that keys are real keys and nothing listens on a
port. Prints one JSON object with what it saw; needs nothing but Python and Chromium.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
import time


class Browser:
    def __init__(self, profile):
        to_browser, ours_out = os.pipe()
        ours_in, from_browser = os.pipe()

        def place():
            # Both ends first go where neither 3 nor 4 can be in the way.
            read, write = os.dup(to_browser), os.dup(from_browser)
            while read in (3, 4):
                read = os.dup(read)
            while write in (3, 4):
                write = os.dup(write)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
             "--disable-extensions", "--disable-background-networking", "--window-size=1366,768",
             f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False, preexec_fn=place)
        os.close(to_browser)
        os.close(from_browser)
        self.out, self.inlet = ours_out, ours_in
        self.rest = b""
        self.count = 0
        self.session = None
        self.events = []

    def receive(self, deadline):
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.inlet], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser does not answer")
            piece = os.read(self.inlet, 1 << 16)
            if not piece:
                raise RuntimeError("the browser ended")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + 60
        while True:
            answer = self.receive(deadline)
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, method):
        deadline = time.monotonic() + 60
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.receive(deadline))

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def key(self, name, code, text=""):
        self.call("Input.dispatchKeyEvent", type="keyDown", key=name, code=name, windowsVirtualKeyCode=code, text=text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=name, code=name, windowsVirtualKeyCode=code)

    def enter(self):
        self.key("Enter", 13, "\r")

    def problems(self):
        found = []
        for event in self.events:
            method, parameters = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                found.append(str(parameters["exceptionDetails"].get("exception", {}).get("description")))
            elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning"):
                found.append(str([item.get("value") for item in parameters["args"]]))
            elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
                found.append(parameters["entry"]["text"])
            elif method == "Network.requestWillBeSent" and not parameters["request"]["url"].startswith(("file:", "data:")):
                found.append("fetches " + parameters["request"]["url"])
        return found


# How many pixels of a canvas are neither clear nor of the colour that most have.
PAINTED = """(canvas => { const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let painted = 0; for (let i = 3; i < data.length; i += 4) if (data[i] > 0) painted++; return painted; })"""


def look(page):
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        try:
            return steps(browser, page)
        finally:
            browser.process.kill()
            browser.process.wait()


def steps(browser, page):
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    browser.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.call(f"{domain}.enable")
    browser.events.clear()
    begin = time.monotonic()
    browser.call("Page.navigate", url="file://" + os.path.abspath(page))
    browser.wait_for("Page.loadEventFired")
    seen = {"load_seconds": round(time.monotonic() - begin, 2)}
    seen["canvases"] = browser.evaluate(f"Object.fromEntries([...document.querySelectorAll('canvas')].map(c => [c.id, {PAINTED}(c)]))")

    # The column of bits per byte, sorted by its heading with the keyboard alone.
    column = "[...document.querySelectorAll('#results th[scope=row]')].map(cell => cell.textContent)"
    heading = "[...document.querySelectorAll('#results .sort')].find(b => b.textContent === 'test text')"
    seen["order"] = browser.evaluate(column)
    browser.evaluate(heading + ".focus()")
    browser.enter()
    seen["ascending"] = browser.evaluate(column)
    seen["aria_sort"] = browser.evaluate(heading + ".closest('th').getAttribute('aria-sort')")
    browser.key(" ", 32, " ")
    seen["descending"] = browser.evaluate(column)

    # The radio buttons of the learning curve, by arrow keys.
    image = "document.getElementById('chart-learning')?.toDataURL().length + ':' + document.getElementById('chart-learning')?.toDataURL().slice(-2000)"
    across = "document.querySelector('input[name=across]:checked')?.value"
    seen["across"], pictures = [], set()
    if browser.evaluate("!!document.querySelector('input[name=across]')"):
        browser.evaluate("document.querySelector('input[name=across]').focus()")
        for _ in range(3):
            seen["across"].append(browser.evaluate(across))
            pictures.add(browser.evaluate(image))
            browser.key("ArrowRight", 39)
        browser.evaluate("document.querySelector('input[name=up]').focus()")
        browser.key("ArrowRight", 39)
        seen["up"] = browser.evaluate("document.querySelector('input[name=up]:checked').value")
        pictures.add(browser.evaluate(image))
        # One model is hidden with the keyboard, then all.
        browser.evaluate("document.querySelector('.legend button[data-model]').focus()")
        pictures.add(browser.evaluate(image))
        browser.enter()
        seen["hidden"] = browser.evaluate("document.querySelectorAll('.legend button[aria-pressed=false]').length")
        browser.evaluate("document.activeElement.blur()")
        pictures.add(browser.evaluate(image))
    seen["pictures"] = len(pictures)

    # Tab reaches the contents after the link that skips them.
    seen["overflow"] = browser.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    seen["problems"] = browser.problems()
    return seen


if __name__ == "__main__":
    print(json.dumps(look(sys.argv[1])))
