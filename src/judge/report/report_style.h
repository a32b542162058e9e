/* How the page looks and what can be done on it, as text that stands in it. */
#pragma once

extern const char report_style[];
extern const char report_script[];
