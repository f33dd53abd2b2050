"""A learner's way through a notebook: Shift+Enter from the first cell to the last."""

import shutil

import nbformat
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from conftest import ROOT, wait_for

PAGE = "window.jupyterapp.shell.currentWidget"
KERNEL = f"{PAGE}?.sessionContext?.session?.kernel?.status"


@pytest.fixture
def opened(lab, driver):
    """The first notebook of the course, in JupyterLab, without outputs."""
    source = nbformat.read(ROOT / "notebooks" / "00_start_here.ipynb", as_version=4)
    for cell in source.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(source, lab.folder / "work" / "00_start_here.ipynb")
    driver.get(f"{lab.address}/lab/tree/00_start_here.ipynb?token={lab.token}&reset")
    wait_for(driver, f"window.jupyterapp && {KERNEL} === 'idle'")
    yield source
    driver.get("about:blank")
    lab.stop_kernels()
    shutil.rmtree(lab.folder / "work" / ".ipynb_checkpoints", ignore_errors=True)


def test_the_keyboard_runs_it_to_the_end_and_checks_stay_folded(opened, driver):
    driver.execute_script(f"{PAGE}.content.activeCellIndex = 0; {PAGE}.content.activate()")
    for number, cell in enumerate(opened.cells):
        wait_for(driver, f"{PAGE}.content.activeCellIndex === {number}")
        ActionChains(driver).key_down(Keys.SHIFT).send_keys(Keys.ENTER).key_up(Keys.SHIFT).perform()
        if cell.cell_type == "code":
            wait_for(
                driver,
                f"{PAGE}.content.widgets[{number}].model.executionCount && {KERNEL} === 'idle'",
            )
    cells = driver.execute_script(
        f"return {PAGE}.content.widgets.map(cell => ({{"
        "type: cell.model.type, folded: Boolean(cell.inputHidden),"
        "outputs: cell.model.type === 'code' ? cell.model.outputs.toJSON() : []}))"
    )
    kinds = [output["output_type"] for cell in cells for output in cell["outputs"]]
    assert "error" not in kinds
    folded = ["hide-input" in cell.metadata.get("tags", []) for cell in opened.cells]
    assert [cell["folded"] for cell in cells[: len(folded)]] == folded
    assert sum(folded) == 4  # three exercises and the quiz
