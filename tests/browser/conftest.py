"""A real JupyterLab and a real browser, for the tests in this folder.

They take minutes, so they run where they are asked for, and chromium and its driver are there:

    make test-browser

TTSLIB_PATIENCE is how many seconds a test waits for a page or a kernel before it fails.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import nbformat
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
PATIENCE = float(os.environ.get("TTSLIB_PATIENCE", 600))  # a kernel on a busy machine is slow
ROOT = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items):
    missing = [
        reason
        for reason, so in {
            "set TTSLIB_BROWSER=1": not os.environ.get("TTSLIB_BROWSER"),
            "install chromium": not CHROMIUM,
            "install chromedriver": not DRIVER,
        }.items()
        if so
    ]
    here = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    for item in here if missing else []:
        item.add_marker(pytest.mark.skip(reason=f"no browser: {', '.join(missing)}"))


def wait_for(driver: webdriver.Chrome, condition: str) -> None:
    """Wait until a condition in JavaScript holds on the page."""
    until = time.monotonic() + PATIENCE
    while not driver.execute_script(f"return Boolean({condition})"):
        shown = driver.execute_script("return document.body.innerText")
        assert time.monotonic() < until, f"still not {condition} in {shown!r}"
        time.sleep(0.1)


class Lab:
    """A JupyterLab in its own folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.token = secrets.token_hex()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{free.getsockname()[1]}"
        port = self.address.rpartition(":")[2]
        own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "HOME": "home"}
        self.log = (folder / "lab.log").open("w")
        (folder / "work").mkdir()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}"),
                *("--allow-root", "--expose-app-in-browser", "--ServerApp.port_retries=0"),
                *(f"--IdentityProvider.token={self.token}", f"--notebook-dir={folder / 'work'}"),
            ],
            env={
                **os.environ,
                **{name: str(folder / place) for name, place in own.items()},
                "PYTHONPATH": str(ROOT),
            },
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def ask(self, path: str, method: str = "GET"):
        request = Request(f"{self.address}/api/{path}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        with urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or "null")

    def wait_until_up(self) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self.ask("status")
                return
            except OSError:
                assert self.process.poll() is None, (self.folder / "lab.log").read_text()
                assert time.monotonic() < until, "JupyterLab did not start"
                time.sleep(0.2)

    def write_notebook(self, name: str, code: str) -> None:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, self.folder / "work" / name)

    def stop_kernels(self) -> None:
        for kernel in self.ask("kernels"):
            self.ask(f"kernels/{kernel['id']}", "DELETE")

    def stop(self) -> None:
        self.stop_kernels()
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()


class Output:
    """What the only cell of a notebook shows, in a browser."""

    cell = ".jp-OutputArea-child"

    def __init__(self, lab: Lab, driver: webdriver.Chrome, name: str, code: str):
        self.driver = driver
        lab.write_notebook(name, code)
        driver.get_log("browser")  # what the page before said is over
        driver.get(f"{lab.address}/lab/tree/{name}?token={lab.token}&reset")
        self.wait_for("window.jupyterapp?.shell.currentWidget?.sessionContext")
        # "void", for selenium would wait for the promise, and a cell may run until it is stopped.
        self.run(
            "void window.jupyterapp.shell.currentWidget.sessionContext.ready.then("
            "() => window.jupyterapp.commands.execute('notebook:run-all-cells'))"
        )
        self.wait_for(f"document.querySelector('{self.cell} .jupyter-widgets')")

    def run(self, script: str):
        return self.driver.execute_script(f"return {script}")

    def wait_for(self, condition: str) -> None:
        wait_for(self.driver, condition)

    def shown(self) -> str:
        """Words and pictures, in one string that changes as soon as anything does."""
        return self.run(
            f"[...document.querySelectorAll('{self.cell}')].map(cell => cell.innerText + "
            "[...cell.querySelectorAll('img')].map(image => image.src)).join()"
        )

    def wait_for_change(self, before: str) -> None:
        until = time.monotonic() + PATIENCE
        while self.shown() == before:
            assert time.monotonic() < until, "nothing changed"
            time.sleep(0.1)

    def press(self, selector: str, *keys: str) -> None:
        """Give a part the focus and press keys, which go wherever the focus then is."""
        part = f"document.querySelector('{self.cell} {selector}')"
        self.wait_for(part)
        held = 0
        while held < 5:  # JupyterLab takes the focus once more when a cell has ended
            held = held + 1 if self.run(f"document.activeElement === {part}") else 0
            self.run(f"{part}.focus()")
            time.sleep(0.1)
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def errors(self) -> list[str]:
        """What the page complained of; chromium's own remarks on how it is driven don't count."""
        log = self.driver.get_log("browser")
        return [
            e["message"] for e in log if e["level"] == "SEVERE" and e["source"] != "intervention"
        ]


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    try:
        lab.wait_until_up()
        yield lab
    finally:
        lab.stop()


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--window-size=1300,1100",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    # Newer chromiums leave a headless page without the focus, and JupyterLab then has no "current"
    # notebook.
    driver.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
    driver.set_page_load_timeout(PATIENCE)
    driver.set_script_timeout(PATIENCE)
    yield driver
    driver.quit()


@pytest.fixture
def show(lab, driver):
    """A function that runs code as the only cell of a notebook, and answers with its `Output`."""
    yield lambda name, code: Output(lab, driver, f"{name}.ipynb", code)
    driver.get("about:blank")
    lab.stop_kernels()


@pytest.fixture
def look(driver):
    """A function that makes the screen light or dark, and so many pixels wide."""

    def choose(scheme: str, width: int) -> None:
        feature = {"name": "prefers-color-scheme", "value": scheme}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
        )

    yield choose
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
