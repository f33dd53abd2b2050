"""Sphinx's settings for the course's site, which `make site` builds into build/site/.

The site's sources are the repository's own files, where they are: a link that works there works on
the site. A linked file that isn't a page (a sound, the license) is copied along.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]  # for course_site, and this folder's own ttslib

project = "ttslib"
author = "The ttslib authors"
copyright = author
extensions = [
    "myst_nb",  # reads notebooks and Markdown
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "course_site",
]

root_doc = "README"  # the front page; docs/contents.md lists the others, in the margin
include_patterns = [
    "*.md",
    "benchmarks/*.md",
    "data/README.md",
    "data/voices/**.md",
    "docs/api/*.rst",
    "docs/decisions/*.md",
    "notebooks/**.ipynb",
]

nb_execution_mode = "off"  # the outputs that are stored in the notebooks
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
myst_heading_slug_func = "course_site.jupyter_anchor"

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_default_options = {"exclude-members": "set"}  # matplotlib's, of our pictures
add_module_names = False
napoleon_google_docstring = False

html_theme = "sphinx_book_theme"
html_theme_options = {"navbar_persistent": []}  # one field for the search, not two
html_use_index = html_domain_indices = False  # the search finds as much
html_title = "Text-to-speech from scratch"
html_context = {"default_mode": "auto"}  # light or dark, as the reader's computer is
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_show_search_summary = False  # the summaries need a web server

suppress_warnings = [
    "myst.header",  # the solutions go from # to ###
    "autosummary.import_cycle",  # ttslib's own page lists what ttslib exports
    "ref.python",  # some names are used in several modules
]
