"""Texts that fuzzing begins with: a sample of every language, made from what is known of it, and real code."""

from __future__ import annotations

from collections.abc import Iterator

from gates.checks.copypaste.language import Language

WORDS = set(
    rb"""def class function if else for while return end do begin END fn struct impl import from use require include
    package namespace const export new case esac then fi => -> :: := // /* */ # -- ; { } ( ) [ ] , . = == ? : @ $ \
    \\ \' \" ' " ''' ` r" r#" "# R"x( )x" @" $" u8' b' 0x1f 1.5e3 /a/ /[/]/ %w( %q{ %r{ ~r/ <<EOF <<~'EOF' EOF <<<A
    [[ ]] [==[ ]==] --[[ {a| |a} #| |# (; ;) {- -} (* *) <# #> <!-- --> <script </script> lang="ts" <% %> <?php ?>
    {{ }} {% %} {# #} --- @code @{ =begin =end =pod =cut \begin{comment} \end{comment} :: gateline: allow-copy
    copy-ok reason= 0123abcd "cells" "cell_type" "code" "source" "language_info" "name" \n \u00e9 func try catch
    finally switch yield async await lambda select FROM WHERE create procedure as is loop elsif unless until
    """.split()
) | {
    b'"""',
    b"\n", b"\r\n", b"\t", b"\0", b"\1", b"\xff", b"\xc3\xa4", b"\xff\xfe", b"\n    ", b"    ", b"\\\n", b"\\\r\n",
}  # fmt: skip
"""The fuzzer's dictionary: what means something in one language or another."""

REAL: dict[str, bytes] = {
    "python": b'''@cached
async def load(self, *names: str, key=b"a\\"b", **more) -> dict[str, int]:
    """Text with # no comment, and 'quotes'."""
    result = {name: rf"{name!r:>{width}}\\" for name in names if name}  # a comment
    while (count := len(result)) < 0x1F and not self.done:
        result |= {f'a{{b}}': 1_000.5e-3j, "c": r'\\'}
    return \\
        result


class Other(Base):
    x = [1, 2, 3]
''',
    "javascript": b"""import a, {b} from "c";
export default async function* load({a, b = 1}, ...rest) {
  const re = /[/\\]]+/gi, half = a / b / 2;
  for await (const x of rest) { if (x?.y ?? z) continue; else yield `t ${x + `n ${1}`} \\``; }
  return rest.map((e) => ({...e, 'k': "v\\
w"})).filter(function (e) { return !e; }); // end
}
class A extends B { #p = 1; get x() { return this.#p } static { } }
""",
    "java": b"""package a.b; import java.util.*;
/** Doc. */ @A(x = {1, 2}) public final class C<T extends D & E> implements F<T> {
  private static final char Q = '\\'', U = '\\u00e9'; long n = 0x1FL + 1_0;
  @Override public <R> List<? super R> load(final T... all) throws IOException {
    for (T t : all) { switch (t.kind()) { case 1 -> run(() -> { return; }); default: break; } }
    String s = \"\"\"
        text "quoted" \\
        \"\"\"; return new ArrayList<>() {{ add(null); }};
  }
}
""",
    "rust": b"""impl<'a, T: Fn(&'a str) -> u8> A<'a> for B { /* a /* b */ c */
    fn load<'b>(&'b mut self, c: char) -> Result<(), E> {
    match c { '\\'' => b"x\\"", 'a'..='z' if true => r#"a"b"#, _ => r"\\" }; }
}
macro_rules! m { ($($x:expr),*) => { $( f($x); )* } }
""",
    "cpp": b"""#include <a>
#define M(x) do { \\
  f(x); } while (0)
template <typename T, int N = 1'000> auto A<T>::load(const T& t) -> decltype(t) {
  auto raw = R"x(a)" b)x"; char c = u8'\\''; auto f = [&](int x) mutable { return x << 2; }; // end \\
  go on
  return t ? T{1} : throw B{};
}
""",
    "ruby": b"""require 'a'
=begin
comment
=end
def load(a, *b, key: "x#{y + "z"}") # comment
  text = <<~'EOF' + %w[a b [c]].join(%q(d (e)))
    def no
  EOF
  a.each do |x| puts x if x =~ /[\\/]#/ unless y end
  while x do y end
rescue A => e then nil
end
def short = 1
""",
    "shell": b"""#!/bin/bash
load() { # comment
  if [ "$a" = 'b' ]; then cat <<-"EOF" | sed 's/#/x/'
	text $a
	EOF
  elif [[ ${a#b} ]]; then for x in "${y[@]}"; do echo \\' `f` $((1 + 2)); done
  else case $x in a|b) f;; *) g;; esac; fi
}
""",
    "php": b"""<p>don't</p><?php namespace A; use B;
#[Attr] abstract class C extends D { function load(int $a, ?string ...$b): static { # comment
  return <<<EOT
  a {$b['c']}
  EOT . 'd\\'' . "e"; } } ?> <b> <?= $x ?>
""",
    "sql": b"""-- comment
CREATE OR REPLACE FUNCTION load(a int) RETURNS int AS $$ BEGIN IF a > 1 THEN RETURN 'it''s'; END IF;
  LOOP EXIT; END LOOP; END; $$ LANGUAGE plpgsql; SELECT "a", `b` FROM c /* d */ WHERE e = N'f';
""",
    "lua": b"""local function load(a, ...) --[==[ comment ]] ]==]
  local s = [[ text ]] .. [=[ ]] ]=] -- end
  for i = 1, #a do repeat if a[i] then return end until true end end
""",
    "perl": b"""use strict; our $x = "a";
=pod

text

=cut
sub load { my ($a, @b) = @_; $a =~ s/#/x/g; return <<"EOT" . q(a) if $#b; # comment
  text
EOT
}
""",
    "csharp": b"""using A; namespace B; public record C(int D) { string s = $@"a ""b"" {c}",
  r = \"\"\"\" x \"\"\" \"\"\"\";
  public int E { get; set; } = 1; async Task<T> F<T>() where T : class => await G(x => { return x; }); #region x
}
""",
    "haskell": b"""module A (b) where {- c {- d -} e -}
load :: Int -> [a'] -- | doc
load x | x > 1 = case y of { Just 'c' -> "a\\
   \\b"; _ -> x --> y }
  where y = let z = 1 in z
""",
    "html": b"""<!-- <script>no</script> --><p>don't</p><script type="text/javascript">
function f(a) { return "b" + {{ c }}; } {% if d %} g() {% endif %}
</script><SCRIPT lang=ts>let a: b<c></SCRIPT>
""",
    "vue": b"<template><a :b='c'/></template>\n"
    b'<script setup lang="ts">\nexport default { data() { return {} } }\n</script>\n',
    "erb": b"<% if a -%>\n<%# no %><%= link_to 'b', c do |d| %>x<% end %>\n<%% e %>\n",
    "notebook": rb"""{"cells": [{"cell_type": "markdown", "source": ["no"]}, {"cell_type": "code",
  "metadata": {"source": []},
  "source": ["def f(a):\n", "    return \"b\\n\" + a  # \u00e9\n"], "outputs": []}],
  "metadata": {"language_info": {"name": "python"}}}
""",
    "razor": b'@page\n@code {\n  int a; string b = "}"; void C() { }\n}\n<p>@(a + 1)</p>@functions { int d; }\n',
    "astro": b"---\nimport A from 'a'; const b = `c`;\n---\n<script>let d</script><A {...b} />\n",
}
"""Language -> code as people write it, with what is hard in it."""

PERMISSION = b"gateline: allow-copy 3f9a1c2e reason='two drivers'"


def samples(language: Language) -> Iterator[bytes]:
    """Some texts of a language."""
    pieces = [b"a1 = b.c(2.5, d)"]
    pieces += [opener + b" word 'x\" " + PERMISSION for opener in language.line_comments]
    pieces += [opener + b" a " + opener + b" b " + closer for opener, closer in language.block_comments]
    for quotes in language.strings:
        inside = b"a" + (quotes.escape + quotes.close if quotes.escape else b"") + quotes.close * 2 * quotes.doubled
        pieces += [quotes.open + inside + (b"\n" if quotes.multiline else b"") + quotes.close, quotes.open + b"open"]
    yield b"\n".join(pieces) + b"\n"
    words = b" ".join(sorted(language.keywords)[:60])
    yield b"function f(a, b) {\n  if (a) { " + words + b" }\n}\nclass C:\n    def g():\n        return [1]\nend\n"
    if language.name in REAL:
        yield REAL[language.name]
