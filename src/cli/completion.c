/* From a line with a cursor to the row of the table that its last word belongs to. */
#include "cli/completion.h"

#include <string.h>

#include "base/visible.h"
#include "base/words.h"

void completion_offer(const struct completion *completion, const char *word, const char *end,
                      const char *doc) {
    bool fits = !strncmp(word, completion->part, strlen(completion->part));
    if (fits && !strpbrk(word, "\t\r\n") && !word[text_plain(word)])
        fprintf(completion->out, "%s%s%s\t%s\n", completion->done, word, end, doc);
}

static void offer_options(const struct completion *completion) {
    for (const struct option_row *row = completion->command->rows; row->type; row++)
        if (!option_is_operand(row))
            completion_offer(completion, row->name, "", row->doc);
    completion_offer(completion, "help", "", "print the help");
}

static const struct option_row *find_option(const struct command *command, const char *name,
                                            size_t size) {
    for (const struct option_row *row = command->rows; row->type; row++) {
        bool is_name = strlen(row->name) == size && !strncmp(row->name, name, size);
        bool is_alias =
            row->alias && strlen(row->alias) == size && !strncmp(row->alias, name, size);
        if (!option_is_operand(row) && (is_name || is_alias))
            return row;
    }
    return NULL;
}

/* The row of operand number `index`; NULL: there are no more. */
static const struct option_row *operand_row(const struct command *command, int index) {
    for (const struct option_row *row = command->rows; row->type; row++)
        if (row->type == OPERANDS || row->type == OPERANDS_SOME ||
            (option_is_operand(row) && index-- == 0))
            return row;
    return NULL;
}

/* In a list only what stands behind the last comma is completed. */
static void offer_value(struct completion *completion, const struct option_row *row) {
    for (size_t size = 0; option_is_list(row); completion->part += size + 1) {
        size = list_item_size(completion->part);
        if (completion->part[size] != ',')
            break;
        completion->done = pool_format(completion->pool, "%s%.*s", completion->done, (int)size + 1,
                                       completion->part);
    }
    completion_offer_row(completion, row);
}

/* "--out=res" */
static void offer_option(struct completion *completion, const char *word) {
    size_t size = strcspn(word, "=");
    completion->done = pool_format(completion->pool, "%.*s", (int)size + 1, word);
    completion->part = word + size + 1;
    const struct option_row *row = find_option(completion->command, word + 2, size - 2);
    if (row && !option_is_flag(row))
        offer_value(completion, row);
}

/* The words behind the command; the last one is completed. */
static void offer_in_command(struct completion *completion, int n, const char *const *words) {
    const struct option_row *pending = NULL; /* waits for its value */
    bool only_operands = false;
    for (int i = 0; i < n - 1; i++) {
        bool is_option = !pending && !only_operands && !strncmp(words[i], "--", 2);
        bool is_operand = !pending && !is_option;
        only_operands |= is_option && !words[i][2];
        pending =
            is_option ? find_option(completion->command, words[i] + 2, strlen(words[i]) - 2) : NULL;
        if (pending && option_is_flag(pending))
            pending = NULL;
        if (is_operand)
            completion->operands.items[completion->operands.n++] = words[i];
    }
    const char *word = words[n - 1];
    const struct option_row *row = operand_row(completion->command, completion->operands.n);
    completion->part = word;
    if (pending) {
        offer_value(completion, pending);
    } else if (*word == '-' && !only_operands && strchr(word, '=')) {
        offer_option(completion, word);
    } else if (*word == '-' && !only_operands) {
        completion->done = "--";
        completion->part += strspn(word, "-");
        offer_options(completion);
    } else if (row) {
        offer_value(completion, row);
    }
}

void completion_print(FILE *out, int n, const char *const *words) {
    struct pool pool = {0};
    struct completion completion = {.pool = &pool,
                                    .out = out,
                                    .operands.items =
                                        pool_alloc(&pool, ((size_t)n + 1) * sizeof *words),
                                    .done = "",
                                    .part = n > 0 ? words[n - 1] : ""};
    if (n <= 1) {
        completion_offer_commands(&completion);
        completion_offer(&completion, "--help", "", "print the help");
        completion_offer(&completion, "--version", "", "print versions");
    } else if (command_find(words[0], &completion.command) == OK) {
        offer_in_command(&completion, n - 1, words + 1);
    }
    pool_free(&pool);
}
