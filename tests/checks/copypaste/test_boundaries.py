"""Functions, classes and blocks of the languages that have proper boundaries, and of code that is broken."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.checks.copypaste.boundaries import BLOCK, CLASS, FUNCTION, LITERAL, blocks_of, blocks_of_batch
from gates.checks.copypaste.languages import language, names
from gates.checks.copypaste.tokens import tokenize, tokenize_batch
from tests.fuzz.invariants import check_blocks

KINDS = {FUNCTION: "function", CLASS: "class", BLOCK: "block", LITERAL: "literal"}

SOURCES = {
    "java": """\
        package a;
        @Foo(x=1)
        public class A<T extends B> implements C, D {
          private int[] x = {1,2};
          @Override public <T> int foo(final int a, List<T> b) throws X, Y
          {
            for (int i=0;i<1;i++) { if (x) { y(); }
              else { w(); } }
            new Thread(new Runnable() {
              public void run() { go(); } });
            list.forEach(x -> { y(x); });
            return foo;
          }
          record P(int x) { }
        }
        """,
    "javascript": """\
        import a from 'b'
        export default function foo(a, {b, c} = {}) {
          const x = { a: 1,
            b() { return 2 },
            c: function () { y() } }
          foo(a, function cb(err) { throw err })
          const arrow = async (x) => {
            return x
          }
          y = 1
          if (a) { b() }
        }
        class A extends B {
          constructor() { super() }
          async *gen() { }
        }
        """,
    "typescript": """\
        interface A extends B, C {
          x: number;
        }
        export class D<T> implements A, B {
          private foo(a: string): Promise<T> {
            return this.get<T>(a);
          }
        }
        """,
    "python": """\
        class A(B):
            @dec
            def foo(self,
                a, b):
                if a:
                    return b
                else:
                    x = [1,
         2, 3]
                for i in x:
                    y()
                return 2

            async def bar(self):
                return 1

        def top():
            pass
        """,
    "go": """\
        type X struct {
          a int
        }
        func (x *X) Foo(a int, f func(int) error) (int, error) {
          if err := foo(); err != nil {
            return 0, err
          }
          go func() { x() }()
          switch a { case 1: b() }
          return 1, nil
        }
        """,
    "ruby": """\
        class A < B
          def foo(a)
            return x if a
            while x do
              y
            end
            z = if a then b else c end
            list.each do |x|
              puts x
            end
          end
          def self.bar(a = 1) = 3
          def x=(v)
            @x = v
          end
        end
        """,
    "shell": """\
        foo() {
          if [ -f x ]; then
            echo "${x}"
          fi
          for i in a b; do echo $i; done
          case $x in a) y;; esac
        }
        function bar {
          x
        }
        """,
    "cpp": """\
        #include <x>
        namespace foo {
        template <class T>
        struct X : public Y {
          X() : a(1), b(2) { c(); }
          int f(struct z *q) const override { return 1; }
        };
        }
        int main() {
          do { x(); } while (1); }
        """,
    "c": """\
        #define X 1
        struct a *f(int b)
        {
          while (b) {
            g();
          }
        }
        struct s { int x; };
        """,
    "sql": """\
        SELECT a FROM b WHERE c = 1;
        CREATE FUNCTION f() AS BEGIN
          IF x THEN y; END IF;
          SELECT CASE WHEN a THEN b END;
        END;
        """,
    "rust": """\
        impl<T> Foo for Bar<T> where T: X {
          pub fn foo<'a>(&'a self, x: &str) -> Result<(), E> {
            match x { A => { b() } _ => c }
          }
        }
        """,
    "kotlin": """\
        class A(val x: Int) : B(), C {
          fun bar() {
            when (x) { 1 -> y() }
          }
          companion object { val a = 1 }
        }
        """,
    "csharp": """\
        namespace A {
          public class B<T> : C where T : class {
            void M<T>() where T : class {
              lock (x) { y(); }
            }
          }
        }
        """,
    "swift": """\
        class A: B {
          init(x: Int) { self.x = x }
          func foo(a: Int) -> Int {
            guard let y = z else { return 1 }
          }
        }
        """,
    "php": """\
        <?php
        class B extends C implements D, E {
          public function foo(array $a = []): ?int {
            foreach ($a as $b) { c(); }
          }
        }
        """,
    "scala": """\
        object A extends B {
          def foo(x: Int): Int = {
            x match { case 1 => 2 }
          }
        }
        """,
}

EXPECTED = {
    "java": "class 2-15, literal 4-4, function 5-13, block 7-8, block 7-7, block 8-8, class 9-10, function 10-10, "
    "function 11-11, class 14-14",
    "javascript": "function 2-12, literal 2-2, literal 2-2, literal 3-5, function 4-4, function 5-5, function 6-6, "
    "function 7-9, block 11-11, class 13-16, function 14-14, function 15-15",
    "typescript": "class 1-3, class 4-8, function 5-7",
    "python": "class 1-15, function 3-12, block 5-6, block 7-9, block 10-11, function 14-15, function 17-18",
    "go": "class 1-3, function 4-11, block 5-7, function 8-8, block 9-9",
    "ruby": "class 1-16, function 2-11, block 4-6, block 7-7, block 8-10, function 13-15",
    "shell": "function 1-7, block 2-4, block 5-5, block 6-6, function 8-10",
    "cpp": "class 2-8, class 3-7, function 5-5, function 6-6, function 9-10, block 10-10",
    "c": "function 2-7, block 4-6, class 8-8",
    "sql": "block 1-1, function 2-5, block 2-5, block 3-3, block 4-4",
    "rust": "class 1-5, function 2-4, block 3-3, block 3-3",
    "kotlin": "class 1-6, function 2-4, block 3-3, class 5-5",
    "csharp": "class 1-7, class 2-6, function 3-5, block 4-4",
    "swift": "class 1-6, function 2-2, function 3-5, block 4-4",
    "php": "class 2-6, function 3-5, block 4-4",
    "scala": "class 1-5, function 2-4, block 3-3",
}


def described(name: str, source: str) -> str:
    tokens = tokenize(source.encode(), language(name))
    blocks = blocks_of(tokens, language(name))
    return ", ".join(
        f"{KINDS[int(kind)]} {tokens.line[first]}-{tokens.line[last]}"
        for first, last, kind in zip(blocks.first, blocks.last, blocks.kind, strict=True)
    )


@pytest.mark.parametrize("name", SOURCES)
def test_the_blocks_of_a_language(name: str) -> None:
    assert described(name, textwrap.dedent(SOURCES[name])) == EXPECTED[name]


@pytest.mark.parametrize("name", SOURCES)
def test_a_batch_gives_the_blocks_of_its_files(name: str) -> None:
    files = [textwrap.dedent(SOURCES[name]).encode(), b"", b"x", textwrap.dedent(SOURCES[name]).encode()]
    batch = tokenize_batch(files, language(name))
    found = blocks_of_batch(batch, files, language(name))
    spans = set(zip(found.first.tolist(), found.last.tolist(), found.kind.tolist(), strict=True))
    expected = set()
    for number, data in enumerate(files):
        alone = blocks_of(batch.tokens(number, data), language(name))
        offset = int(batch.first[number])
        expected |= {
            (first + offset, last + offset, kind)
            for first, last, kind in zip(alone.first.tolist(), alone.last.tolist(), alone.kind.tolist(), strict=True)
        }
    assert spans == expected


def test_the_body_begins_after_the_header() -> None:
    tokens = tokenize(b"int f(int a) {\n  return a;\n}\n", language("c"))
    (body,) = blocks_of(tokens, language("c")).body
    assert tokens.text(body) == b"return"


def test_tabs_indent_as_far_as_eight_spaces() -> None:
    assert described("python", "def f():\n\tif x:\n\t\ty()\n\tz()\n") == "function 1-4, block 2-3"


def test_a_backslash_goes_on_with_the_line() -> None:
    assert described("python", "def f():\n    a = 1 + \\\n        2\n    return a\n") == "function 1-4"


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        (
            "lua",
            "function f(a)\n  if a then b() end\n  while x do y() end\nend\n",
            "function 1-4, block 2-2, block 3-3",
        ),
        ("elixir", "def f(a) do\n  if a do b end\nend\n", "function 1-3, block 2-2"),
        (
            "julia",
            "function f(a)\n  x = [i for i in a]\n  for i in a\n    y(a[end])\n  end\nend\n",
            "function 1-6, block 3-5",
        ),
        ("pascal", "begin\n  case x of 1: y; end;\nend.\n", "block 1-3, block 2-2"),
        (
            "verilog",
            "module m;\n  function f; begin x; end endfunction\nendmodule\n",
            "class 1-3, function 2-2, block 2-2",
        ),
        ("fish", "function f\n  if true\n    x\n  end\nend\n", "function 1-5, block 2-4"),
        ("css", "a:hover { color: red }\n", "block 1-1"),
        ("markdown", "# a {\n}\n", ""),
    ],
)
def test_further_languages(name: str, source: str, expected: str) -> None:
    assert described(name, source) == expected


@pytest.mark.parametrize("source", ["{ { }", "} } { }", "} {", "((({)))}", "f(a, { ] }"])
def test_what_does_not_close_is_no_block(source: str) -> None:
    tokens = tokenize(source.encode(), language("c"))
    blocks = blocks_of(tokens, language("c"))
    for first, body, last in zip(blocks.first, blocks.body, blocks.last, strict=True):
        assert first <= body - 1 < last
        assert tokens.text(last) == b"}"


SIGNS = """{ } ( ) [ ] ; , : => -> = if else for def class function end do fi then case esac begin END fn func x 1 'a'
"b" # // struct new return . @ where impl php ? try record \\"""
PIECES = st.sampled_from([*SIGNS.split(), "\n", "\t"])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(names()), st.lists(PIECES, max_size=60).map(" ".join) | st.text(max_size=80))
def test_blocks_lie_in_the_file_and_nest(name: str, source: str) -> None:
    check_blocks(source.encode("utf-8", "surrogatepass"), language(name))
