/* Claims from texts, by way of a file. */
#include "tests/judge/claim/claim_text.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char claim_text_path[] = "/tmp/normlab-test-claim-XXXXXX";

enum status claim_text_read(const char *text, struct claim *claim) {
    snprintf(claim_text_path, sizeof claim_text_path, "/tmp/normlab-test-claim-XXXXXX");
    int fd = mkstemp(claim_text_path);
    cr_assert(fd >= 0, "no file");
    cr_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text), "%s", claim_text_path);
    close(fd);
    enum status status = claim_read(claim_text_path, NULL, claim);
    unlink(claim_text_path);
    return status;
}

struct claim claim_text_good(const char *text) {
    struct claim claim;
    enum status status = claim_text_read(text, &claim);
    cr_assert(!status, "%s\n%s", status_message(), text);
    return claim;
}
