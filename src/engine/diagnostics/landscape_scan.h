/* Along the gradient: the loss and its gradient at w - s g, for several s. */
#pragma once

#include "engine/diagnostics/landscape.h"

struct landscape_scan {
    double loss_low, loss_high;
    double predictiveness; /* max |g(w - s g) - g(w)| */
    double smoothness;     /* max |g(w - s g) - g(w)| / |s g| */
};

/* After landscape_look. s from 1/2 to 4 times the step's rate. */
struct landscape_scan landscape_scan_near(struct landscape *landscape);
/* s from 1/100 to 30 times the rate. */
struct landscape_scan landscape_scan_wide(struct landscape *landscape);
