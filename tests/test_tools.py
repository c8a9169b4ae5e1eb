"""The checks find what they are for: each is shown something wrong, and the same thing done right."""

from __future__ import annotations

import textwrap

import pytest
from django.db import connection

from qunying.brands.models import Brand
from tests.write_guard import StrangerWritesError
from tools import catalogues, check_registry_hosts, check_templates, check_writers
from tools.check import main as check


def lay(folder, path, text):
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(textwrap.dedent(text), "utf-8")
    return file


def writes(tmp_path, path, text):
    file = lay(tmp_path, path, text)
    return [(each.line, each.words.split(": ")[0]) for each in check_writers.findings(file, package=tmp_path)]


def test_an_action_that_writes_another_apps_model_is_found_in_every_shape(tmp_path):
    found = writes(
        tmp_path,
        "rewards/actions.py",
        """
        from qunying.members.models import Member

        def a(member: Member):
            member.save()

        def b(key):
            row = Member.objects.get(pk=key)
            row.delete()

        def c():
            Member.objects.filter(pk=1).update(bit=2)
            Member.objects.bulk_create([])
            for one in Member.objects.all():
                one.save(update_fields=["bit"])
            run("DELETE FROM members_member")
        """,
    )

    assert [line for line, _ in found] == [5, 9, 12, 13, 15, 16]
    assert {words.rpartition(" writes ")[2] for _, words in found} == {"a model of members"}


def test_an_app_writes_its_own_models_in_its_deeds_and_nowhere_else(tmp_path):
    text = """
        from qunying.members.models import Member

        def name(member: Member):
            Member.objects.create(bit=1)
            {}.update(a=1)
            member.seen.add(3)
        """

    assert writes(tmp_path, "members/actions/naming.py", text) == []
    assert writes(tmp_path, "members/pages.py", text) == [
        (5, "Member.objects.create() writes outside the deeds of members")
    ]


def test_a_template_may_not_hold_scripts_styles_bare_chinese_or_mute_images(tmp_path):
    page = lay(
        tmp_path,
        "page.html",
        """\
        {% load i18n %}
        <h1>{% trans "群成员" %} {# 注释 #} {{ _("新增") }}</h1>
        {% blocktranslate %}共 {{ n }} 位{% endblocktranslate %}
        <button type="button" class="a" {% if x > 1 %}disabled{% endif %}>{% trans "保存" %}</button>
        <script src="/static/a.js"></script><script type="application/json">{{ x }}</script><img src="{{ x }}" alt="">
        <p>中文</p>
        {% include "x.html" with title="标题" %}
        <p style="color: red" onclick="go()">
        <script>go()</script>
        <img src="/a.png"><button>{% trans "好" %}</button>
        <script src="https://example.test/x.js"></script>
        """,
    )

    found = [(each.line, each.words) for each in check_templates.findings(page)]

    assert found == [
        (6, "Chinese outside a translation tag: <p>中文</p>"),
        (7, 'Chinese outside a translation tag: {% include "x.html" with title="标题" %}'),
        (8, "<p> holds a style: use a class"),
        (8, "<p> holds a handler: use hx- or data- attributes"),
        (9, "<script> holds a script: use a file"),
        (10, "<img> has no alt"),
        (10, "<button> has no type"),
        (11, "<script> is fetched from somewhere else"),
    ]


def test_a_catalogue_is_held_against_code_and_templates(tmp_path):
    lay(tmp_path, "tea/pages.py", 'from x import gettext_lazy as _\nA = _("好的")\nB = _("用户,你好")\n')
    lay(tmp_path, "tea/templates/tea/a.html", '{% load i18n %}\n{% trans "没有英文" %}\n')
    lay(
        tmp_path,
        "tea/locale/en/LC_MESSAGES/django.po",
        """\
        msgid "好的"
        msgstr "Fine"

        msgid "用户,你好"
        msgstr "Hello {name}"

        msgid "没人说"
        msgstr ""
        """,
    )

    found = sorted(each.words for each in catalogues.findings(tmp_path / "tea"))

    assert found == [
        "half-width , in “用户,你好”",
        "no English for “没有英文” in tea/locale/en/LC_MESSAGES/django.po",
        "no code or template says “没人说”",
        "our own word 用户 in “用户,你好”: see the glossary",
        "the English of “用户,你好” has other placeholders",
        "“没人说” is not translated",
    ]


def test_a_text_with_two_englishes_is_found_unless_a_context_parts_them(tmp_path):
    lay(tmp_path, "cup/locale/en/LC_MESSAGES/django.po", 'msgid "茶"\nmsgstr "tea"\n')
    lay(
        tmp_path,
        "pot/locale/en/LC_MESSAGES/django.po",
        'msgid "茶"\nmsgstr "leaves"\n\nmsgctxt "plant"\nmsgid "茶"\nmsgstr "camellia"\n',
    )

    found = catalogues.disagreements([tmp_path / "cup", tmp_path / "pot"])

    assert [each.words for each in found] == ["“茶” is “tea” in cup"]


@pytest.mark.parametrize(
    "text", ["近7天 {a}:{b}", "读 CSV，写 XLSX", "{n} 位群成员", "用户内容", "时间 12:30"]
)
def test_good_chinese_is_left_alone(text):
    assert list(catalogues.bad_wording(text)) == []


def test_locks_pin_every_package_by_hash_and_agree_and_no_file_names_a_registry(tmp_path):
    hashed = "tea==1.0 \\\n    --hash=sha256:aa\n"
    lay(tmp_path, "a.in", "tea\ncup[big]>2\n-r b.in\n")
    lay(tmp_path, "a.lock", hashed + "mug==3 ; sys_platform == 'win32' \\\n    --hash=sha256:bb\nbare==1\n")
    lay(tmp_path, "b.in", "tea\n")
    lay(tmp_path, "b.lock", hashed.replace("1.0", "2.0") + "mug==4 \\\n    --hash=sha256:cc\n")
    page = lay(tmp_path, "page.md", "see\nfiles.PythonHosted" + ".org and python.example.org\n")

    assert [(each.path.name, each.line, each.words) for each in check_registry_hosts.locks(tmp_path)] == [
        ("a.in", 2, "cup is not in the lock"),
        ("a.lock", 5, "bare has no hash"),
        ("b.lock", 1, "tea is 2.0, in another lock 1.0"),
    ]
    assert [(each.line, each.words) for each in check_registry_hosts.hosts([page])] == [
        (2, "names the registry host files.PythonHosted" + ".org")
    ]


def test_an_unknown_check_is_refused(capsys):
    assert check(["spelling"]) == 2


@pytest.mark.django_db
def test_the_write_guard_stops_a_write_from_outside_the_owners_deeds():
    statement = f"UPDATE {Brand._meta.db_table} SET name = name"

    run_as("qunying.brands.actions.naming", statement)
    Brand.objects.filter(pk=0).update(name="x")
    with pytest.raises(StrangerWritesError, match=r"qunying\.console\.pages writes brands_brand"):
        run_as("qunying.console.pages", statement)


def run_as(module, statement):
    """Execute SQL from a function that seems to stand in another module."""
    exec("def write(cursor, statement): cursor.execute(statement)", names := {"__name__": module})
    with connection.cursor() as cursor:
        names["write"](cursor, statement)
