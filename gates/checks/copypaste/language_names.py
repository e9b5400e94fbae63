"""Which files are written in which language: by ending, by name, by interpreter. Pure data, see `languages`."""

from __future__ import annotations

__all__ = ["ENDINGS", "INTERPRETERS", "NAMES", "WRAPPERS"]

ENDINGS = """
abap abap
actionscript as
ada adb ads ada
agda agda lagda
apex apex trigger
applescript applescript
asp asp
assembly asm s nasm
astro astro
awk awk gawk mawk
ballerina bal
basic bas frm vba vbs
batch bat cmd
bicep bicep
bitbake bb bbappend bbclass
c c h idc
caddyfile caddyfile
cairo cairo
chapel chpl
clojure clj cljs cljc edn bb.edn
cmake cmake
cobol cob cbl cpy ccp cobol
coffeescript coffee cson iced
common-lisp lisp lsp cl asd
coq coq
cpp cpp cc cxx c++ hpp hh hxx h++ ipp inl tcc tpp txx cppm ixx ino
crystal cr
csharp cs csx cake
css css
csv csv tsv psv
cuda cu cuh
cue cue
cython pyx pxd pxi
d d di
dart dart
diff diff patch
dockerfile dockerfile containerfile
dotenv env
ejs ejs
eex eex heex leex
elixir ex exs
elm elm
emacs-lisp el
erb erb rhtml
erlang erl hrl escript
fennel fnl
fish fish
fortran f90 f95 f03 f08 f15 f18 fpp ftn
fortran-fixed f f77 for
fsharp fs fsi fsx
gdscript gd
gherkin feature
gleam gleam
glsl glsl vert frag geom comp tesc tese vsh fsh shader rgen rchit rmiss
gn gn gni
go go
go-template gotmpl gohtml tpl
graphql graphql gql graphqls
groovy groovy gvy gradle nf
hack hack hh.php hhi
haml haml
handlebars hbs handlebars mustache
hare ha
haskell hs hsc hs-boot
haxe hx
hcl hcl tf tfvars nomad
hlsl hlsl fx fxh cginc
html html htm xhtml shtml
idris idr
ini ini cfg conf cnf desktop service timer socket reg editorconfig
java java jav
javascript js mjs cjs jsx es es6 jsm sjs bones jscad xsjs
jinja jinja jinja2 j2
json json geojson jsonl ndjson webmanifest har avsc topojson arb code-workspace
json5 json5 jsonc hjson
jsonnet jsonnet libsonnet
jsp jsp jspf tag
julia jl
just just
kotlin kt kts ktm
latex tex sty cls ltx dtx bib bst
lean lean
less less
liquid liquid
livescript ls
lua lua luau rockspec wlua
makefile mk mak make
markdown md markdown mdown mkd rmd qmd mdx
mathematica wl nb wls
matlab m
mercury moo
meson meson
metal metal
ml4 m4 ac
mojo mojo
move move
nim nim nims nimble
nix nix
notebook ipynb
objective-c mm
ocaml ml mli mll mly
odin odin
pascal pas pp dpr dpk lpr
perl pl pm t pod perl psgi
php php php3 php4 php5 php7 phps phtml phpt ctp module install theme
plsql pks pkb pck plb plsql
pony pony
postscript ps eps
powershell ps1 psm1 psd1
prisma prisma
prolog pro prolog
properties properties
protobuf proto proto3
pug pug jade
puppet pp.puppet epp
purescript purs
python py pyi pyw pyt wsgi gyp gypi rpy smk sage xsh
r r
racket rkt rktd scrbl
raku raku rakumod p6 pm6 rakutest
razor cshtml razor vbhtml
reason re rei
rego rego
rescript res resi
rst rst rest
ruby rb rbw rake gemspec ru podspec jbuilder builder thor rbi
rust rs rs.in
sass sass
scala scala sc sbt
scheme scm ss sld sls
scss scss
shell sh bash zsh ksh dash ash bats ebuild eclass command tool
slim slim
smalltalk st
solidity sol
sparql sparql rq
sql sql ddl dml mysql pgsql psql tsql hql cql
standard-ml sml sig fun
starlark bzl star bazel sky
stylus styl
svelte svelte
swift swift
systemverilog sv svh
tcl tcl tk itcl exp
templ templ
terra t.terra
text txt text log
thrift thrift
toml toml
twig twig
typescript ts tsx mts cts
vala vala vapi
verilog v vh
vhdl vhd vhdl vho
vim vim vimrc
visual-basic vb
vue vue
wast wat wast
wgsl wgsl
xml xml xsd xsl xslt wsdl svg xaml csproj fsproj vbproj vcxproj props targets plist resx rss atom kml ui xlf fxml nuspec
yaml yaml yml
yang yang
zig zig zon
"""
"""A language, then its endings (without the first dot, in lower case)."""

NAMES = """
bitbake bitbake.conf
caddyfile caddyfile
cmake cmakelists.txt
dockerfile dockerfile containerfile
dotenv .env .env.example
ini .editorconfig .gitconfig .gitmodules .npmrc .pylintrc .flake8 pipfile.conf
json .babelrc .eslintrc .jshintrc .prettierrc composer.lock pipfile.lock .jscpd.json package-lock.json
groovy jenkinsfile
just justfile .justfile
makefile makefile gnumakefile bsdmakefile kbuild makefile.am makefile.in
meson meson.build meson_options.txt meson.options
perl cpanfile makefile.pl rexfile
python sconstruct sconscript snakefile wscript .pythonrc
ruby rakefile gemfile vagrantfile podfile capfile guardfile fastfile appfile brewfile thorfile berksfile dangerfile
shell .bashrc .bash_profile .bash_aliases .profile .zshrc .zprofile .zshenv .envrc apkbuild pkgbuild configure gradlew
starlark build workspace build.bazel workspace.bazel module.bazel tiltfile buck
text license licence copying notice authors contributors changelog changes readme news todo install version codeowners
toml pipfile cargo.lock poetry.lock uv.lock
vim .vimrc .gvimrc
yaml .clang-format .clang-tidy .gemrc pnpm-lock.yaml
xml pom
"""
"""A language, then the file names (in lower case) that say it without an ending, or whatever the ending."""

INTERPRETERS = """
awk awk gawk mawk nawk
clojure bb clojure
coffeescript coffee
crystal crystal
csharp dotnet-script
elixir elixir iex
erlang escript
fish fish
groovy groovy
haskell runhaskell runghc stack
javascript node nodejs bun deno qjs gjs phantomjs
julia julia
kotlin kotlin
lua lua luajit luau texlua
makefile make gmake
perl perl
php php
powershell pwsh powershell
prolog swipl
python python pypy pythonw micropython ipython
r rscript r littler
racket racket
raku raku perl6 rakudo
ruby ruby jruby rbx macruby
scala scala amm
scheme guile gosh csi chez
shell sh bash dash zsh ksh mksh ash busybox bats
swift swift
tcl tclsh wish expect
typescript ts-node tsx
"""
"""A language, then the programs of a `#!` line (without version numbers)."""

WRAPPERS = "in tmpl template dist sample example orig j2 jinja jinja2 erb tpl gotmpl ejs epp mustache hbs"
"""Endings put after another one: `config.py.j2` is Python with a few template marks in it."""
