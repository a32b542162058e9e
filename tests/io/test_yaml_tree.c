/* Texts of YAML files: what a terminal would obey is refused, with its place. */
#include <criterion/criterion.h>
#include <string.h>

#include "io/yaml_tree.h"

static void assert_refused(const char *text, const char *place) {
    struct pool pool = {0};
    struct yaml_node *root = NULL;
    cr_assert(yaml_tree_read("f.yaml", text, &pool, &root) == ERROR_USAGE, "taken: %s", text);
    cr_assert(!strncmp(status_message(), place, strlen(place)), "%s: not at %s", status_message(),
              place);
    pool_free(&pool);
}

Test(yaml_tree, control_characters_are_refused_wherever_they_stand) {
    assert_refused("title: \"a\\r\\nb\"\n", "f.yaml:1:8: text with a control character: 'a");
    assert_refused("title: \"a\\e[31mb\"\n", "f.yaml:1:8: text with a control character: 'a\\x1b");
    assert_refused("a: 1\n\"b\\x07\": 2\n", "f.yaml:2:1: ");
    assert_refused("a: [x, \"\\x9B\"]\n", "f.yaml:1:8: ");
    assert_refused("a: \"\\uFFFF\"\n", "f.yaml:1:4: ");
    assert_refused("a: 1 # \xe2\x80\xae turned around\n", "f.yaml:1:8: ");
    assert_refused("a: \x1b[31m\n", "f.yaml:1:4: not text in UTF-8");
}

Test(yaml_tree, lines_and_letters_of_any_language_are_text) {
    struct pool pool = {0};
    struct yaml_node *root = NULL;
    const char *text = "title: \"a\\n\\tb \xc3\xa9 \xd7\x90\xe2\x80\x8f\"\r\nb: 2\r\n";
    cr_assert(yaml_tree_read("f.yaml", text, &pool, &root) == OK, "%s", status_message());
    cr_assert(!strcmp(root->first->text, "a\n\tb \xc3\xa9 \xd7\x90\xe2\x80\x8f"));
    pool_free(&pool);
}
