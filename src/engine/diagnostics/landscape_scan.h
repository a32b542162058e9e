/* Along the gradient: the loss and its gradient at w - s g, for several s. */
#pragma once

#include "engine/diagnostics/landscape.h"

struct landscape_scan {
    double loss_low, loss_high;
    double predictiveness; /* max |g(w - s g) - g(w)| */
    double smoothness;     /* max |g(w - s g) - g(w)| / |s g| */
};

extern const struct diagnostic diagnostic_scan_near; /* s from 1/2 to 4 times the step's rate */
extern const struct diagnostic diagnostic_scan_wide; /* s from 1/100 to 30 times the rate */
