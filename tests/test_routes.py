import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import RouteError
from generator.site import routes


def test_addresses_are_made_of_the_register_code() -> None:
    assert (
        routes.enterprise_route("91130200699229617X001P")
        == "enterprise/91130200699229617X001P.html"
    )
    assert routes.project_route("990101-B-00001") == "project/990101-B-00001.html"
    assert routes.week_route("2016-W26") == "week/2016-W26.html"
    assert routes.figure_route("cq.projects.total") == "figure/cq.projects.total.html"
    assert routes.district_pack_route("990101") == "download/district/990101.zip"


@pytest.mark.parametrize(
    "code",
    [
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "a\\b",
        "a b",
        "名称",
        "-a",
        "a-",
        "a" * 73,
        "CON",
        "lpt1.x",
        "x\n",
    ],
)
def test_an_unsafe_code_is_refused(code: str) -> None:
    with pytest.raises(RouteError):
        routes.page_route("project", code)


@given(st.text(max_size=90))
def test_whatever_is_accepted_is_one_plain_file_name(code: str) -> None:
    try:
        route = routes.page_route("project", code)
    except RouteError:
        return
    folder, _, name = route.partition("/")
    assert folder == "project"
    assert name == f"{code}.html"
    assert name.isascii()
    assert len(name) <= 80
    assert not set(name) & set('/\\:*?"<>| %#')


def test_the_way_back_to_the_root_follows_the_depth() -> None:
    assert routes.root_of("index.html") == ""
    assert routes.root_of("project/x.html") == "../"
    assert routes.root_of("download/district/x.zip") == "../../"


def test_addresses_that_a_case_blind_disk_would_merge_are_found() -> None:
    assert routes.find_collisions(["a/X.html", "a/y.html", "a/x.html"]) == (
        ("a/X.html", "a/x.html"),
    )
    assert routes.find_collisions(["a/x.html", "b/x.html"]) == ()
