/* What was observed, as series of a record. */
#pragma once

#include "lab/store/record.h"
#include "lab/worker/observation.h"

/* Adds step/..., epoch/..., layer/..., layer<k>/..., trace/... and bank/... to the record. */
void observer_write(const struct observer *observer, struct record *record);
