#!/usr/bin/python3
"""The page of `normlab report` in a browser: a small one is made from tests/judge/report/page and opened in Chromium.

    scripts/check-report.py [PROGRAM [FOLDER]]      FOLDER keeps the page, its pictures and its print; default: a temporary one
    scripts/check-report.py --page FILE [FOLDER]    looks at a page that is there, whatever claims it has
    scripts/check-report.py --self-test [PROGRAM]   plants one fault of every kind; each must be found

Checked: the filter shows and hides what it should, stands in the address, says what this page does not have, and
survives a reload together with what was opened; the contents stay and say where one is; the page asks for nothing
outside itself; no id stands twice; a walk with the Tab key meets all that can be chosen, in its order, in sight, with a
visible focus; nothing is wider than a telephone, whose figures have text of at least 11 pixels; light and dark have
their colours, figures too; printed are neither details nor run ids nor the page's controls, and there are at most 40
pages. With AXE=.../axe.min.js (`npm install axe-core`, anywhere) axe-core looks as well, and must find nothing serious;
without it that is left out, with a word. Needs scripts/install-deps.sh --ci.
"""

import base64
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

HERE = pathlib.Path(__file__).resolve().parent.parent
CLAIMS = ["1_learns", "2_beta", "3_not_here", "somebody_2000"]
PHONE = 390
SMALLEST_TEXT = 10.9  # pixels, but for rounding
MOST_TABS = 2000
MOST_PAGES = 40

problems = []


def wrong(what):
    problems.append(what)


def expect(what, found, wanted):
    if found != wanted:
        wrong(f"{what}: {found}, wanted {wanted}")


# ---- the browser ----


def browser(folder):
    options = webdriver.ChromeOptions()
    # Without a sandbox, which root and containers do not have: the page is ours.
    for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                   "--disable-extensions", "--hide-scrollbars", f"--user-data-dir={folder}"):
        options.add_argument(option)
    service = webdriver.chrome.service.Service(shutil.which("chromedriver"), log_path=os.devnull)
    return webdriver.Chrome(service=service, options=options)


class Page:
    def __init__(self, driver, path):
        self.driver, self.path = driver, pathlib.Path(path).resolve()

    def open(self, width=1000, height=900, scheme="light", media="", query=""):
        command = self.driver.execute_cdp_cmd
        command("Emulation.setDeviceMetricsOverride",
                {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        command("Emulation.setEmulatedMedia",
                {"media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.get("about:blank")
        self.driver.get(f"{self.path.as_uri()}{query}")

    def ask(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def shown(self):
        return self.ask("return [...document.querySelectorAll('section[data-verdict]')]"
                        ".filter(e=>e.getClientRects().length>0).map(e=>e.id)")

    def said(self):
        return self.ask("return document.getElementById('page:count').textContent")

    def choose(self, **values):
        for name in ("verdict", "note"):
            for select in self.driver.find_elements(By.NAME, name):
                Select(select).select_by_value(values.get(name, ""))
        return self.shown()

    def picture(self, file, element=None):
        file = pathlib.Path(file)
        if element is None:
            file.write_bytes(base64.b64decode(self.driver.get_screenshot_as_base64()))
        else:
            file.write_bytes(element.screenshot_as_png)
        return file


# ---- pictures ----


def brightness(file):
    """Mean and deviation of every seventh pixel's red."""
    plot = f"set table; plot '{file}' binary filetype=png every 7:7 using 1:2:3 with image"
    table = subprocess.run(["gnuplot", "-e", plot], capture_output=True, text=True, check=True).stdout
    values = [float(line.split()[2]) for line in table.splitlines() if line.endswith(" i")]
    mean = sum(values) / len(values)
    return mean, (sum((v - mean) ** 2 for v in values) / len(values)) ** 0.5


def check_colours(page, folder):
    for scheme in ("light", "dark"):
        page.open(1400, 1400, scheme)
        figures = page.driver.find_elements(By.CSS_SELECTOR, "figure svg")[:2]
        pictures = [(f"the page, {scheme}", page.picture(folder / f"{scheme}.png"))]
        pictures += [(f"figure {i + 1}, {scheme}", page.picture(folder / f"figure{i}-{scheme}.png", f))
                     for i, f in enumerate(figures)]
        for what, file in pictures:
            mean, deviation = brightness(file)
            if deviation < 5 or (scheme == "light" and mean < 200) or (scheme == "dark" and mean > 100):
                wrong(f"{what}: its brightness is {mean:.0f} of 255, its deviation {deviation:.0f}")


# ---- what every page must have ----


def check_whole(page):
    page.open()
    expect("requests", page.ask("return performance.getEntriesByType('resource').length"), 0)
    expect("ids that stand twice", page.ask(
        "const ids=[...document.querySelectorAll('[id]')].map(e=>e.id);return ids.filter((x,i)=>ids.indexOf(x)!==i)"), [])
    expect("links to nowhere", page.ask(
        "return [...document.querySelectorAll('a[href^=\"#\"]')].map(a=>a.hash.slice(1))"
        ".filter(x=>!document.getElementById(x))"), [])


def check_width(page):
    for width in (360, PHONE, 768, 1000, 1400):
        page.open(width)
        page.ask("document.querySelectorAll('details').forEach(d=>d.open=true)")
        wide = page.ask("return [...document.querySelectorAll('main *')].filter(e=>!e.closest('.wide')&&"
                        "e.getBoundingClientRect().right>innerWidth+1).map(e=>e.outerHTML.slice(0,60)).slice(0,3)")
        if wide or page.ask("return document.documentElement.scrollWidth>innerWidth"):
            wrong(f"at {width} pixels something is wider: {wide}")


def check_phone(page, folder):
    page.open(PHONE, 1400)
    page.picture(folder / "phone.png")
    small = page.ask(
        "return [...document.querySelectorAll('figure svg')].flatMap(s=>{const k=s.getScreenCTM().a;"
        "return [...s.querySelectorAll('text')].map(t=>[k*parseFloat(getComputedStyle(t).fontSize),t.textContent])})"
        f".filter(([size])=>size<{SMALLEST_TEXT}).slice(0,5)")
    expect("text of figures below 11 pixels", small, [])
    expect("rows that are no cards", page.ask(
        "return [...document.querySelectorAll('.cards tbody tr')]"
        ".filter(e=>getComputedStyle(e).display!=='block').length"), 0)


def check_print(page, folder):
    page.open(760, 1000, "dark", "print")
    expect("printed", page.ask(
        "return [...document.querySelectorAll('nav,form,details,.back,.skip')]"
        ".filter(e=>e.getClientRects().length>0).map(e=>e.tagName)"), [])
    expect("run ids that are printed", page.ask("return document.body.innerText.match(/r[0-9a-f]{12}/g)||[]"), [])
    expect("the colour of paper", page.ask("return getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
    expect("filters of printed figures", page.ask(
        "return [...new Set([...document.querySelectorAll('figure svg')].map(e=>getComputedStyle(e).filter))]"
        ".filter(x=>x!=='none')"), [])
    page.open()
    pdf = base64.b64decode(page.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    (folder / "print.pdf").write_bytes(pdf)
    if not pdf.startswith(b"%PDF") or len(pdf) < 20000:
        wrong(f"the print has {len(pdf)} bytes")
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    if not 0 < pages <= MOST_PAGES:
        wrong(f"it prints on {pages} pages, which should be {MOST_PAGES} at most")
    return pages


WALKED = ("const e=document.activeElement,s=getComputedStyle(e),r=e.getBoundingClientRect();"
          "if(e===document.body)return null;"
          "return [[...document.querySelectorAll('*')].indexOf(e),s.outlineStyle!=='none'&&parseFloat(s.outlineWidth)>0,"
          "r.bottom>0&&r.top<innerHeight&&r.right>0&&r.left<innerWidth,e.outerHTML.slice(0,60)]")
CHOOSABLE = ("return [...document.querySelectorAll('a[href],button,select,summary,[tabindex=\"0\"]')]"
             ".filter(e=>e.checkVisibility({visibilityProperty:true})&&e.getClientRects().length>0)"
             ".map(e=>[...document.querySelectorAll('*')].indexOf(e))")


def check_keyboard(page):
    for width in (PHONE, 1400):
        page.open(width)
        wanted, met = page.ask(CHOOSABLE), []
        for _ in range(MOST_TABS):
            page.driver.switch_to.active_element.send_keys(Keys.TAB)
            here = page.ask(WALKED)
            if here is None or (met and here[0] == met[0]):
                break
            met.append(here[0])
            if not here[1] or not here[2]:
                wrong(f"{width} pixels wide, Tab comes to what has no visible focus or is out of sight: {here[3]}")
                break
        if met != wanted:
            wrong(f"{width} pixels wide, Tab meets {len(met)} things, {len(set(wanted) - set(met))} of {len(wanted)} not")
    page.open(1400)
    first = page.driver.find_element(By.CSS_SELECTOR, "main summary")
    page.ask("arguments[0].focus()", first)
    first.send_keys(Keys.ENTER)
    expect("details opened by Enter", page.ask("return document.querySelector('main details').open"), True)


def check_axe(page):
    axe = os.environ.get("AXE")
    if not axe:
        print("check-report.py: axe-core was not asked; AXE=.../axe.min.js names it", file=sys.stderr)
        return
    source = pathlib.Path(axe).read_text()
    for width, scheme in ((1400, "light"), (1400, "dark"), (PHONE, "light"), (PHONE, "dark")):
        page.open(width, 900, scheme)
        page.ask("document.querySelectorAll('details').forEach(d=>d.open=true);reach()")
        page.ask(source)
        page.driver.set_script_timeout(300)
        found = page.driver.execute_async_script(
            "const done=arguments[0];axe.run(document,{resultTypes:['violations']}).then(r=>done(r.violations),"
            "e=>done([{id:String(e),impact:'critical',nodes:[]}]))")
        for violation in found:
            line = (f"axe-core, {width} pixels, {scheme}: {violation['impact']}: {violation['id']} "
                    f"({len(violation['nodes'])} times) {[n['html'][:80] for n in violation['nodes'][:2]]}")
            if violation["impact"] in ("serious", "critical"):
                wrong(line)
            else:
                print(line, file=sys.stderr)


# ---- what the small page must do ----


def check_filter(page):
    page.open()
    expect("shown", page.shown(), CLAIMS)
    expect("refuted", page.choose(verdict="refuted"), ["2_beta"])
    expect("in the address", page.ask("return location.search"), "?verdict=refuted")
    expect("said of it", page.said(), "1 of 4 shown.")
    expect("of source A", page.choose(note="A"), ["1_learns"])
    expect("papers", page.choose(note="paper"), ["somebody_2000"])
    expect("nothing", page.choose(verdict="refuted", note="A"), [])
    expect("contents", page.ask("return [...document.querySelectorAll('nav li[data-verdict]')].filter(e=>!e.hidden).length"), 0)
    page.driver.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    page.ask("return new Promise(done=>setTimeout(done,50))")
    expect("everything", page.shown(), CLAIMS)
    expect("the address without a filter", page.ask("return location.search"), "")


def check_address(page):
    page.open(query="?verdict=not-tried&note=E")
    expect("by the address", page.shown(), ["3_not_here"])
    page.open(query="?verdict=refuted#1_learns")
    expect("a link to a claim that the filter hides", page.shown(), CLAIMS)
    page.open(query="?verdict=refted&note=A&color=red")
    expect("an address with unknown values", page.shown(), ["1_learns"])
    expect("said of unknown values", page.said(),
           "The address asks for verdict=refted and color=red, which this page does not have. 1 of 4 shown.")


def check_reload(page):
    page.open()
    page.choose(verdict="supported")
    last = page.ask("const all=[...document.querySelectorAll('section:not([hidden]) details')],d=all[all.length-1];"
                    "d.open=true;return [...document.querySelectorAll('details')].indexOf(d)")
    page.ask("return new Promise(done=>setTimeout(done,100))")
    page.driver.refresh()
    expect("shown after a reload", page.shown(), ["1_learns"])
    expect("open after a reload", page.ask(
        "return [...document.querySelectorAll('details')].flatMap((d,i)=>d.open&&d.closest('main')?[i]:[])"), [last])


def check_contents(page):
    """They stay, and say where one is."""
    page.open(1400, query="#somebody_2000")
    page.ask("document.getElementById('2_beta').scrollIntoView();return new Promise(done=>setTimeout(done,200))")
    expect("where one is, by the contents", page.ask(
        "return [...document.querySelectorAll('nav [aria-current]')].map(e=>e.hash)"), ["#2_beta"])
    expect("the top of the contents", page.ask("return document.querySelector('nav').getBoundingClientRect().top"), 0)
    page.open(PHONE, query="#2_beta")
    expect("contents on a telephone", page.ask("return document.getElementById('page:contents').open"), False)
    expect("their bar on a telephone", page.ask("return document.querySelector('nav').getBoundingClientRect().top"), 0)


def look(page, folder):
    """At any page; returns its printed length."""
    check_whole(page)
    check_width(page)
    check_phone(page, folder)
    check_colours(page, folder)
    pages = check_print(page, folder)
    check_keyboard(page)
    check_axe(page)
    return pages


def check_all(page, folder):
    check_filter(page)
    check_address(page)
    check_reload(page)
    check_contents(page)
    return look(page, folder)


# ---- the check can fail ----

FAULTS = [
    ("a picture from elsewhere", check_whole, r'(<meta http-equiv="Content-Security[^>]*>)', ""),
    ("an id twice", check_whole, r"<main>", '<main><p id="1_learns"></p>'),
    ("a link to nowhere", check_whole, r'href="#page:top"', 'href="#nowhere"'),
    ("a filter without effect", check_filter, r"e\.hidden=", "e.ignored="),
    ("an address that stays", check_filter, r"history\.replaceState", "String"),
    ("unknown values in silence", check_address, r"missing\.push", "String"),
    ("a link into what is hidden", check_address, r"\nfollow\(\);", ""),
    ("what was open is lost", check_reload, r"flatMap\(\(d,i\)=>d\.open", "flatMap((d,i)=>false"),
    ("contents that scroll away", check_contents, r"position:sticky", "position:static"),
    ("contents that know no place", check_contents, r"seen\.observe", "String"),
    ("a line too wide", check_width, r"<main>", '<main><p style="width:800px">wide</p>'),
    ("small figures on a telephone", check_phone, r"width:max\(100%,var\(--natural\)\)", "width:100%"),
    ("rows in place of cards", check_phone, r"\.cards tr,", ""),
    ("bright figures in the dark", check_colours, r"filter:invert", "nofilter:invert"),
    ("details in print", check_print, r"nav,form,details,", "nav,form,"),
    ("a select out of reach", check_keyboard, r"<select ", '<select tabindex="-1" '),
    ("a focus that nobody sees", check_keyboard, r":focus-visible\{outline:[^}]*\}", ":focus-visible{outline:none}"),
    ("pale text", check_axe, r"--soft:#555", "--soft:#bbb"),
    ("an order of its own", check_keyboard, r'<button type="reset"', '<button tabindex="3" type="reset"'),
]


def call(check, page, folder):
    return check(page, folder) if check in (check_phone, check_colours, check_print) else check(page)


def self_test(driver, html, folder):
    planted = folder / "planted.html"
    missed = []
    for what, check, pattern, replacement in FAULTS:
        text, n = re.subn(pattern, lambda _: replacement, html)
        if what == "a picture from elsewhere":
            text = text.replace("<main>", '<main><img src="http://127.0.0.1:9/x.png" alt="x">')
        if not n:
            sys.exit(f"check-report.py: '{what}' was not planted")
        planted.write_text(text)
        problems.clear()
        if check is check_axe and "AXE" not in os.environ:
            continue
        call(check, Page(driver, planted), folder)
        if not problems:
            missed.append(what)
    for what in missed:
        print(f"check-report.py: '{what}' was not found", file=sys.stderr)
    if missed:
        sys.exit(1)
    print("check-report.py: every planted fault was found")


def make_page(program, folder):
    environment = dict(os.environ, CLAIMS="tests/judge/report/page", PAPERS="tests/judge/report/page/papers", OUT=str(folder),
                       REFERENCE=str(folder), NORMLAB=program)
    made = subprocess.run(["scripts/claims.sh", "quick"], env=environment, cwd=HERE, capture_output=True, text=True)
    if made.returncode:
        sys.exit(made.stdout + made.stderr)
    return folder / "report.html"


def main():
    words = sys.argv[1:]
    asked = words.pop(0) if words and words[0].startswith("--") else ""
    if asked not in ("", "--page", "--self-test") or (asked == "--page" and not words):
        sys.exit(__doc__)
    for needed in ("chromium", "chromedriver"):
        if not shutil.which(needed):
            sys.exit(f"check-report.py: no {needed}; scripts/install-deps.sh --ci installs it")
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        folder = pathlib.Path(words[1]).resolve() if len(words) > 1 else work / "page"
        folder.mkdir(parents=True, exist_ok=True)
        page = pathlib.Path(words[0]) if asked == "--page" else make_page(words[0] if words else "build/normlab", folder)
        driver = browser(work / "profile")
        try:
            if asked == "--self-test":
                self_test(driver, page.read_text(), folder)
                return
            pages = (look if asked == "--page" else check_all)(Page(driver, page), folder)
        finally:
            driver.quit()
        for problem in problems:
            print(f"check-report.py: {problem}", file=sys.stderr)
        if problems:
            sys.exit(1)
        print(f"check-report.py: the page is as it should be; it prints on {pages} pages")


if __name__ == "__main__":
    main()
