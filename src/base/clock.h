/* The clock for durations. */
#pragma once

/* Seconds since some fixed moment; never goes back. */
double clock_seconds(void);
