/* The clock for durations. */
#pragma once

/* Seconds since some fixed moment; never goes back. */
double clock_seconds(void);
/* Processor time of this process, all of its threads together. */
double clock_cpu_seconds(void);
