/* What the trainer's bank did, as series. */
#pragma once

#include "lab/store/record.h"
#include "lab/worker/observation.h"

/* Adds bank/... and, at level full, bank_epoch/... to the record. */
void observer_write_bank(const struct observer *observer, struct record *record);
