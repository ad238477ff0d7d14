"""What is kept of the theme's style sheet."""

from __future__ import annotations

from generator.site.theme_style import keep_used_rules, read_theme_style


def test_rules_for_the_themes_own_furniture_are_left_out() -> None:
    sheet = ".md-typeset p{margin:0}.md-nav a,.md-typeset a{color:red}.md-header{top:0}"
    assert keep_used_rules(sheet) == ".md-typeset p{margin:0}\n.md-typeset a{color:red}\n"


def test_a_condition_stays_only_with_a_rule_in_it() -> None:
    sheet = "@media print{.md-typeset{color:#000}.md-nav{top:0}}@media print{.md-nav{top:0}}"
    assert keep_used_rules(sheet) == "@media print{.md-typeset{color:#000}\n}\n"


def test_a_property_stays_where_a_kept_rule_reads_it_even_through_another() -> None:
    sheet = (
        ':root{--md-a:var(--md-b);--md-b:red;--md-c:url("data:,{};}")}'
        ".md-typeset p{color:var(--md-a)}.md-nav{background:var(--md-c)}"
    )
    assert keep_used_rules(sheet) == (
        ":root{--md-a:var(--md-b);--md-b:red}\n.md-typeset p{color:var(--md-a)}\n"
    )


def test_braces_inside_strings_and_brackets_are_no_braces() -> None:
    sheet = '.md-typeset a:before{content:"}"}.md-typeset b{background:url(data:,a;b{c})}'
    assert keep_used_rules(sheet) == (
        '.md-typeset a:before{content:"}"}\n.md-typeset b{background:url(data:,a;b{c})}\n'
    )


def test_the_installed_theme_shrinks_to_its_typography() -> None:
    kept = keep_used_rules(read_theme_style())
    assert 1_000 < len(kept) < 20_000
    assert ".md-typeset h2{" in kept
    assert kept.count("{") == kept.count("}")
    assert ".md-nav" not in kept
