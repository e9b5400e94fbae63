"""The keywords of each language: words that a comparison blind to names does not blind. Pure data, see `languages`."""

from __future__ import annotations

__all__ = ["KEYWORDS"]

KEYWORDS = """
common: and begin break case class const continue def do else elif elseif end endif enum export extends false fn for
  fun function if import in include let module new nil none not null or package private public return self set static
  struct switch then this true try type use using var when while with
abap: class data do else elseif endclass endform endif endloop endmethod endtry form if loop method try when
actionscript: <javascript> package private protected public override interface implements
ada: abort abs accept access all and array at begin body case constant declare delay do else elsif end exception exit
  for function generic goto if in is limited loop mod new not null of or others out package pragma private procedure
  raise range record return reverse select separate subtype task terminate then type until use when while with xor
apex: <java> select insert update delete upsert from where global virtual override with sharing without
assembly: mov push pop call ret jmp je jne add sub mul div cmp lea and or xor test section global
astro: <typescript>
awk: BEGIN END break continue delete do else exit for function getline if in next print printf return while
ballerina: <java>
basic: call case const dim do each else elseif end exit false for function get if in let loop me new next not nothing
  on option or private property public redim resume select set step sub then to true until wend while with
batch: call cd defined do echo else endlocal errorlevel exist exit for goto if in not pause set setlocal shift
bitbake: <shell>
c: auto break case char const continue default do double else enum extern float for goto if inline int long register
  return short signed sizeof static struct switch typedef union unsigned void volatile while bool true false NULL
  _Bool
cairo: <rust>
clojure: and catch cond def defmacro defmethod defmulti defn defn- defprotocol defrecord do doseq dotimes false
  finally fn for if if-let if-not let letfn loop nil not ns or quote recur require throw true try use when when-let
  when-not
cmake: else elseif endforeach endfunction endif endmacro endwhile foreach function if include macro option set while
cobol: accept add call close compute delete display divide else end-if evaluate exit go if initialize inspect move
  multiply open perform pic picture read return rewrite set stop string subtract unstring until value when write
coffeescript: <javascript> and by is isnt loop no not off on or own then unless until when yes
common-lisp: and case cond defclass defgeneric defmacro defmethod defparameter defun defvar do dolist dotimes if
  lambda let let* loop nil not or progn quote return setf setq t unless when
cpp: <c> alignas alignof and asm catch class constexpr const_cast consteval constinit co_await co_return co_yield
  concept decltype delete dynamic_cast explicit export final friend mutable namespace new noexcept not nullptr
  operator or override private protected public reinterpret_cast requires static_assert static_cast template this
  throw try typeid typename using virtual wchar_t xor
crystal: abstract alias as begin break case class def do else elsif end ensure enum extend false for fun if in include
  lib macro module next nil of private protected require rescue return self struct super then true until unless when
  while yield
csharp: abstract as async await base bool break byte case catch char checked class const continue decimal default
  delegate do double else enum event explicit extern false finally fixed float for foreach get goto if implicit in
  init int interface internal is lock long nameof namespace new null object operator out override params partial
  private protected public readonly record ref return sbyte sealed set short sizeof stackalloc static string struct
  switch this throw true try typeof uint ulong unchecked unsafe ushort using var virtual void volatile when where
  while yield
css: and auto important inherit initial media none not only or supports import
cuda: <cpp> __global__ __device__ __host__ __shared__
cython: <python> cdef cpdef cimport ctypedef nogil struct int double float char void extern
d: <cpp> alias body cast debug delegate foreach function immutable import in interface invariant is lazy module null
  out pragma pure ref scope shared super synchronized unittest version with
dart: <java> as async await covariant dynamic external factory get in is late library mixin of on operator part
  required rethrow set show sync typedef with
dockerfile: ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL ONBUILD RUN SHELL STOPSIGNAL USER VOLUME
  WORKDIR AS
elixir: after alias and case catch cond def defdelegate defimpl defmacro defmodule defp defprotocol defstruct do else
  end false fn for if import in nil not or quote raise receive require rescue super throw true try unless unquote use
  when with
elm: as case else exposing if import in let module of port then type alias
emacs-lisp: and cond condition-case defconst defcustom defmacro defun defvar dolist if interactive lambda let let* nil
  not or progn quote save-excursion setq t unless when while
erlang: after and andalso begin case catch cond div end fun if let not of or orelse receive rem try when xor
fennel: <clojure>
fish: and begin break case continue else end for function if in not or return set switch test while
fortran: allocatable allocate call case character complex contains continue cycle deallocate dimension do double else
  elseif end enddo endif exit false function goto if implicit in inout integer intent interface logical module none
  only out parameter pointer precision print private procedure program public read real recursive result return save
  select stop subroutine target then true type use where while write
fortran-fixed: <fortran>
fsharp: abstract and as assert async base begin class default do done downcast elif else end exception false finally
  for fun function if in inherit inline interface internal lazy let match member module mutable namespace new not null
  of open or override private public rec return static struct then to true try type upcast use val void when while
  with yield
gdscript: <python> var func extends signal export onready const enum static tool void
glsl: <c> attribute in inout out uniform varying vec2 vec3 vec4 mat2 mat3 mat4 sampler2D discard precision layout
go: break case chan const continue default defer else fallthrough for func go goto if import interface map package
  range return select struct switch type var nil true false
graphql: directive enum extend fragment implements input interface mutation null on query scalar schema subscription
  type union
groovy: <java> as def in it pipeline stage stages steps trait
hack: <php> async await shape newtype type
haskell: as case class data default deriving do else family forall foreign hiding if import in infix infixl infixr
  instance let mdo module newtype of proc qualified rec then type where
haxe: <javascript> abstract cast dynamic enum extern implements inline interface macro override package private public
  typedef untyped using
hcl: data for if in locals module null output provider resource terraform true false variable
hlsl: <c> cbuffer float2 float3 float4 float4x4 in inout out uniform Texture2D SamplerState
html: <javascript>
java: abstract assert boolean break byte case catch char class const continue default do double else enum extends
  false final finally float for goto if implements import instanceof int interface long native new null package
  private protected public return short static strictfp super switch synchronized this throw throws transient true try
  var void volatile while yield record sealed permits non-sealed
javascript: async await break case catch class const continue debugger default delete do else export extends false
  finally for function if import in instanceof let new null return static super switch this throw true try typeof
  undefined var void while with yield
jinja: <javascript>
jsonnet: assert else error false for function if import importstr in local null self super tailstrict then true
jsp: <java>
julia: abstract baremodule begin break catch const continue do else elseif end export false finally for function
  global if import in let local macro module mutable nothing primitive quote return struct true try type using where
  while
kotlin: abstract actual as break by catch class companion const constructor continue crossinline data do dynamic else
  enum expect external false final finally for fun get if import in infix init inline inner interface internal is
  lateinit noinline null object open operator out override package private protected public reified return sealed set
  super suspend tailrec this throw true try typealias typeof val var vararg when where while
less: and auto important inherit initial media none not only or import when
livescript: <coffeescript>
lua: and break do else elseif end false for function goto if in local nil not or repeat return self then true until
  while
makefile: define else endef endif export ifdef ifeq ifndef ifneq include override unexport
matlab: break case catch classdef continue else elseif end endfunction endif endfor endwhile false for function global
  if methods otherwise parfor persistent properties return switch true try while
metal: <cpp>
mojo: <python>
move: <rust>
nim: addr and as asm bind block break case cast concept const continue converter defer discard distinct div do elif
  else end enum except export false finally for from func if import in include interface is iterator let macro method
  mixin mod nil not notin object of or out proc ptr raise ref result return shl shr static template true try tuple
  type using var when while xor yield
nix: assert else false if in inherit let null or rec then true with
notebook: <python>
objective-c: <c> id nil self super YES NO BOOL interface implementation end property protocol selector synthesize
ocaml: and as assert begin class constraint do done downto else end exception external false for fun function functor
  if in include inherit initializer lazy let match method mod module mutable new nonrec object of open or private rec
  sig struct then to true try type val virtual when while with
odin: <go>
pascal: and array as begin case class const constructor destructor div do downto else end except exit false file
  finally for function goto if implementation in inherited inline interface is label mod nil not object of on operator
  or out packed private procedure program property protected public published raise record repeat set shl shr string
  then to true try type unit until uses var virtual while with xor
perl: and cmp continue default defined delete die do each else elsif eq eval exists for foreach ge given gt if keys
  last le local lt my ne next no not or our package print push qw redo ref require return say shift sub undef unless
  until use values wantarray when while x xor
php: abstract and array as break callable case catch class clone const continue declare default do echo else elseif
  empty enddeclare endfor endforeach endif endswitch endwhile enum extends false final finally fn for foreach function
  global goto if implements include include_once instanceof insteadof interface isset list match namespace new null or
  print private protected public readonly require require_once return static switch this throw trait true try unset
  use var while xor yield
plsql: <sql> elsif exception exit body package pragma record type varchar2 number date boolean true false
powershell: begin break catch class continue data do dynamicparam else elseif end enum exit filter finally for foreach
  from function if in param process return switch throw trap try until using while
prolog: is mod not fail true dynamic module use_module
protobuf: enum extend extensions import map message oneof option optional package repeated required reserved returns
  rpc service stream syntax string bytes bool int32 int64 uint32 uint64 double float true false
purescript: ado as case class data derive do else false forall foreign hiding if import in infixl infixr instance let
  module newtype of then true type where
python: False None True and as assert async await break class continue def del elif else except finally for from global
  if import in is lambda nonlocal not or pass raise return self cls try while with yield
r: FALSE NA NULL TRUE break else for function if in library next repeat return while
racket: <scheme> define-struct match module provide require struct unless when
raku: and class die do else elsif for foreach given grammar has if is last loop method multi my next not or our
  package regex return role rule self sub token unless until use when while
razor: <csharp>
reason: and as else exception external false for fun if in include let module mutable open of rec switch true try type
  when while
rego: as contains default else every false if import in not null package some true with
rescript: and as async await else exception external false for if in include let module mutable open of rec switch
  true try type when while
ruby: alias and attr_accessor attr_reader begin break case class def defined? do else elsif end ensure extend false
  for if in include lambda loop module new next nil not or private proc protected public puts raise redo require
  rescue retry return self super then true undef unless until when while yield
rust: as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move
  mut pub ref return self Self static struct super trait true type union unsafe use where while
scala: abstract case catch class def do else enum extends extension false final finally for forSome given if implicit
  import lazy match new null object override package private protected return sealed super then this throw trait true
  try type using val var while with yield
scheme: begin case cond define define-record-type define-syntax delay do else if lambda let let* letrec let-values
  set! quote
scss: and auto each else extend for from function if important include import inherit media mixin none not or return
  through use while
shell: case coproc do done elif else esac exit export fi for function if in local readonly return select set shift
  source test then time trap unset until while declare break continue true false
solidity: <javascript> address assembly bool bytes bytes32 constant constructor contract emit enum event external
  immutable indexed int interface internal is library mapping memory modifier override payable pragma private public
  pure require revert storage string struct uint uint256 unchecked using view virtual
sparql: as ask base bind by construct describe distinct filter from graph group having in insert limit not offset
  optional order prefix select union values where
sql: add all alter and any as asc begin between by case cast check column commit constraint create cross cursor
  database declare default delete desc distinct drop else end except exec execute exists fetch for foreign from full
  function grant group having if in index inner insert intersect into is join key left like limit loop materialized
  merge natural not null offset on open or order outer over partition primary procedure raise references replace
  return returns revoke right rollback row rows schema select set table temporary then top transaction trigger
  truncate union unique update using values view when where while with
standard-ml: and andalso as case datatype do else end exception fn fun functor handle if in infix let local nonfix of
  op open orelse raise rec sig signature struct structure then type val while with withtype
starlark: False None True and break continue def elif else for if in lambda load not or pass return
svelte: <typescript>
swift: Any Self as associatedtype async await break case catch class continue convenience default defer deinit do
  dynamic else enum extension fallthrough false fileprivate final for func get guard if import in indirect infix init
  inout internal is lazy let mutating nil open operator override private protocol public repeat required rethrows
  return self set some static struct subscript super switch throw throws true try typealias unowned var weak where
  while willSet didSet
systemverilog: <verilog>
tcl: break catch continue else elseif error eval expr for foreach global if incr namespace package proc return set
  switch upvar while
templ: <go>
terra: <lua>
thrift: binary bool byte const double enum exception extends i16 i32 i64 include list map namespace oneway optional
  required service set string struct throws typedef union void
typescript: <javascript> abstract any as asserts bigint boolean constructor declare enum implements infer interface is
  keyof module namespace never number object override private protected public readonly require satisfies string
  symbol type unique unknown
vala: <java> async construct delegate errordomain foreach get in is namespace out owned ref set signal string struct
  unowned using weak
verilog: always and assign automatic begin bit case casex casez class default else end endcase endclass endfunction
  endgenerate endinterface endmodule endpackage endtask enum for forever function generate genvar if import initial
  inout input integer interface localparam logic modport module negedge not or output package parameter posedge real
  reg repeat return signed struct task typedef unsigned virtual void while wire
vhdl: after alias all and architecture array assert begin body case component configuration constant downto else elsif
  end entity exit for function generate generic if in inout is library loop map mod nand next nor not null of on or
  others out package port procedure process range record rem report return select severity signal subtype then to type
  until use variable wait when while with xor
vim: call catch else elseif endfor endfunction endif endtry endwhile finally for function if let return set try while
visual-basic: addhandler addressof as boolean byref byval call case catch class const dim do each else elseif end enum
  event exit false finally for friend function get handles if implements imports in inherits integer interface is let
  loop me mod module mybase namespace new next not nothing of on optional or orelse overrides private property
  protected public raiseevent readonly return select set shared step string structure sub then throw to true try until
  using while with
vue: <typescript>
wast: func param result local global memory module import export type table elem data call if then else end block loop
  br br_if
wgsl: array atomic bool break case const continue default else enable f32 fn for i32 if let loop mat4x4 private return
  struct switch true false u32 var vec2 vec3 vec4 while workgroup
zig: align and anyerror async await break catch comptime const continue defer else enum errdefer error export extern
  false fn for if inline null or orelse packed pub return struct suspend switch test true try undefined union
  unreachable usingnamespace var void while
"""
"""A language and its keywords, `<other>` for all those of another language; `common` is for those without a line.

Names that are almost keywords (`self`, `nil`, the basic types) are among them.
"""
