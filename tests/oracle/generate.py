#!/usr/bin/env python3
"""generate.py SEED predicates|pipelines COUNT SCHEMA.json: KQL texts, one a line, from a grammar of the whole language;
half of them are changed afterwards (a token dropped, doubled, swapped, a name or a type made wrong). Predicates are
`TABLE<tab>TEXT`. The same seed gives the same texts."""
import json
import random
import re
import sys

TYPES = ["bool", "int", "long", "real", "datetime", "timespan", "string", "dynamic", "guid", "decimal"]
NUMBERS = ["int", "long", "real", "decimal"]

# Parameter letters: s string, l long, n number, b bool, t datetime, p timespan, d dynamic, A array, B bag, a any, g guid, C text
# constant, u number/datetime/timespan. In brackets: optional. A star at the end: the last one any number of times more.
FUNCTIONS = """
string tolower s;string toupper s;long strlen s;string substring sl[l];string strcat aa*;string strcat_delim saa*;string strcat_array As
string replace_string sss;string replace_regex sss;string replace_strings sAA;string trim ss;string trim_start ss;string trim_end ss
long indexof ss[ll];long indexof ss[llC];long countof ss[C];string reverse s;string translate sss;long strcmp ss;string strrep sl[s]
dynamic split ss[l];string extract Cls;dynamic extract_all Cs;dynamic extract_all CAs;string extract_json Cs;bool isascii s
long string_size s;long has_any_index sA;string regex_quote s;dynamic to_utf8 s;long indexof_regex ss[ll]
string tostring a;int toint a;long tolong a;real todouble a;real toreal a;datetime todatetime a;timespan totimespan a;bool tobool a
dynamic todynamic s;dynamic parse_json s;guid toguid s;decimal todecimal a;string gettype a;string tohex l;dynamic parse_csv s
bool isempty a;bool isnotempty a;bool isnull a;bool isnotnull a;bool notempty s;bool notnull a;bool not b
same iff baa;same iif baa;same coalesce aa*;same case baa
datetime now [p];datetime ago p;datetime startofday t[l];datetime startofweek t[l];datetime startofmonth t[l];datetime startofyear t[l]
datetime endofday t[l];datetime endofweek t[l];datetime endofmonth t[l];datetime endofyear t[l];timespan dayofweek t;int dayofmonth t
int dayofyear t;int hourofday t;int monthofyear t;int getyear t;int getmonth t;long week_of_year t;string format_datetime tF
string format_timespan pF;long datetime_diff Ptt;int datetime_part Pt;datetime datetime_add Plt;datetime make_datetime lll[lln]
timespan make_timespan ll[ln];datetime unixtime_seconds_todatetime n;datetime unixtime_milliseconds_todatetime n
datetime unixtime_microseconds_todatetime n;datetime unixtime_nanoseconds_todatetime n;bin bin uu;bin floor uu;bin bin_at uuu
number round n[l];number abs n;long ceiling n;real pow nn;real sqrt n;real log n;real log2 n;real log10 n;real exp n;real exp2 n
real exp10 n;long sign n;number min_of nn*;number max_of nn*;bool isnan r;bool isinf r;bool isfinite r;real sin n;real cos n;real tan n
real asin n;real acos n;real atan n;real atan2 nn;real cot n;real degrees n;real radians n;real pi;real rand [l]
long binary_and ll;long binary_or ll;long binary_xor ll;long binary_not l;long binary_shift_left ll;long binary_shift_right ll
long bitset_count_ones l;string format_bytes n[l]
long array_length A;long array_index_of Aa[l];bool set_has_element Aa;dynamic set_union AA*;dynamic set_difference AA*;dynamic set_intersect AA*
dynamic pack_array a*;dynamic bag_keys B;dynamic bag_merge BB*;bool bag_has_key Bs;dynamic bag_remove_keys BA;dynamic array_concat AA*
dynamic array_slice All;dynamic array_reverse A;dynamic array_sort_asc A;dynamic array_sort_desc A;real array_sum A;dynamic bag_pack sasa
dynamic pack sasa;dynamic range ll[l];dynamic range tt[p];dynamic repeat al;dynamic zip AA;dynamic array_split Al;dynamic array_iff AAA
dynamic array_rotate_left Al;dynamic array_shift_right Al;real jaccard_index AA;bool set_equals AA;dynamic pack_dictionary sasa
decimal parse_version s;dynamic parse_path s;dynamic parse_url s;dynamic parse_urlquery s;string url_decode s;string url_encode s
string url_encode_component s;string base64_encode_tostring s;string base64_decode_tostring s;string hash_sha256 a;string hash_md5 a
string hash_sha1 a;long hash a[l];bool ipv4_is_private s;bool ipv4_is_in_range ss;bool ipv4_is_match ss[l];long ipv4_compare ss[l]
bool ipv6_is_match ss[l];long ipv6_compare ss[l];bool ipv4_is_in_any_range ssss*;bool ipv4_is_in_any_range sA;bool has_ipv4 ss
bool has_any_ipv4 ss*;bool has_any_ipv4 sA;bool has_ipv4_prefix ss;bool has_any_ipv4_prefix ss*;long parse_ipv4 s;string parse_ipv6 s
long parse_ipv4_mask sl;long ipv4_netmask_suffix s;string format_ipv4 s[l];string format_ipv4_mask sl;dynamic parse_xml s
dynamic parse_command_line sW;bool ipv6_is_in_range ss;same column_ifexists Ka;bool isutf8 s;string make_string l*
dynamic unicode_codepoints_from_string s;guid new_guid;string dynamic_to_json d
"""

AGGREGATES = """
long count;long countif b;long dcount a[4];long dcountif ab[4];number sum n;number sumif nb;real avg n;real avgif nb;same min o;same max o
same minif ob;same maxif ob;dynamic make_set a[9];dynamic make_list a[9];dynamic make_set_if ab[9];dynamic make_list_if ab[9]
dynamic make_bag B[9];dynamic make_bag_if Bb[9];same any a;same take_any a;same take_anyif ab;real stdev n;real stdevp n;real variance n
real variancep n;real stdevif nb;real varianceif nb;same percentile nQ;star percentiles nQQ;long count_distinct o;long count_distinctif ob
star arg_max o*;star arg_min o*;dynamic make_list_with_nulls a;long binary_all_or l;long binary_all_and l;same anyif ab
"""

TEXT_OPERATORS = ["contains", "!contains", "contains_cs", "!contains_cs", "has", "!has", "has_cs", "!has_cs", "startswith",
                  "!startswith", "startswith_cs", "!startswith_cs", "endswith", "!endswith", "endswith_cs", "!endswith_cs",
                  "hasprefix", "!hasprefix", "hasprefix_cs", "!hasprefix_cs", "hassuffix", "!hassuffix", "hassuffix_cs",
                  "!hassuffix_cs", "=~", "!~", "==", "!=", "matches regex"]
WORDS = ["srv", "powershell.exe", "10.0.0.1", "-enc", "Windows11", "High", "alice", "a b", "", "C:\\\\Users", "é", "VIP", "\\u0041",
         "\\t", "tab'quote", "svchost", "cmd.exe", "\\x41"]
PATTERNS = [r"^srv-\d+", r"(?i)power.*", r"([a-z]+)\.exe", r"\w{2,5}", r"[A-Za-z0-9]+", r"a|b", r"(\d+)\.(\d+)"]
TOKEN = re.compile(r"""\s+|//[^\n]*|[hH]?@?"(?:\\.|[^"\\])*"|[hH]?@?'(?:\\.|[^'\\])*'|(?:datetime|timespan|guid)\([^)]*\)|
    project-[a-z]+|mv-[a-z]+|parse-[a-z]+|\d+[a-z]+|\d+\.\d+|\d+|![a-z_~=]+|[A-Za-z_$][A-Za-z0-9_$]*|==|!=|<>|<=|>=|=~|!~|
    in~|\.\.|[^\s]""", re.X)


def signatures(text):
    out = []
    for entry in re.split(r"[;\n]", text.strip()):
        parts = entry.split()
        out.append((parts[1], parts[0], parts[2] if len(parts) > 2 else ""))
    return out


class Grammar:
    def __init__(self, seed, tables):
        self.r = random.Random(seed)
        self.tables = tables
        self.names = sorted(tables)
        self.functions = signatures(FUNCTIONS)
        self.aggregates = signatures(AGGREGATES)
        self.by_result = {}
        for f in self.functions:
            self.by_result.setdefault(f[1], []).append(f)
        self.cols = []
        self.slip = 0.0
        self.lets = []
        self.count = 0

    def pick(self, things):
        return self.r.choice(things)

    def chance(self, p):
        return self.r.random() < p

    # ---- values
    def string(self):
        w = self.pick(WORDS)
        kind = self.r.random()
        if kind < 0.8:
            return '"%s"' % w.replace('"', '')
        if kind < 0.88:
            return "'%s'" % w.replace("'", "")
        if kind < 0.94:
            return '@"%s"' % w.replace("\\\\", "\\").replace('"', "")
        if kind < 0.96:
            return 'h"%s"' % w
        if kind < 0.98:
            return '"a" "b"'
        return "```%s```" % w

    def literal(self, t):
        r = self.r
        if t == "bool":
            return self.pick(["true", "false", "true", "false", "True", "FALSE", "bool(null)", "bool(true)"])
        if t in ("long", "int"):
            base = self.pick([str(r.randint(0, 100)), str(r.randint(0, 100000)), "0x1F", "1"])
            if t == "int":
                return self.pick(["int(%d)" % r.randint(-5, 50), "int(null)"])
            return self.pick([base, base, base, base, "-1", "long(5)", "long(null)"])
        if t == "real":
            return self.pick(["1.5", "0.25", "1e3", "1.", "real(2.5)", "double(1)", "real(null)", "real(nan)", "1.5e-3", "real(+inf)"])
        if t == "decimal":
            return self.pick(["decimal(1.5)", "decimal(7)", "decimal(null)"])
        if t == "datetime":
            return self.pick(["datetime(2026-01-14)", "datetime(2026-01-14 10:30)", "datetime(2026-01-14T10:30:00.1234567Z)",
                              "datetime(null)", "now()", "ago(1d)", "ago(7d)", 'datetime("2026-01-14")'])
        if t == "timespan":
            return self.pick(["1d", "7d", "2h", "30m", "10s", "1.5h", "100ms", "timespan(1.02:03:04)", "timespan(2)", "time(1d)",
                              "timespan(null)", "1tick", "5minutes", "3hours", "2microseconds"])
        if t == "guid":
            return self.pick(["guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", "guid(null)"])
        if t == "dynamic":
            return self.pick(['dynamic([1, 2, 3])', 'dynamic({"a": 1, "b": {"c": "x"}})', 'dynamic(null)', "dynamic(['x', 'y'])",
                              'dynamic("x")', 'dynamic(5)', 'dynamic([])', 'dynamic([datetime(2026-01-01), 1d, true])'])
        return self.string()

    def column(self, t):
        fit = [c for c, kind in self.cols if kind == t]
        if not fit:
            return None
        name = self.pick(fit)
        if not re.fullmatch(r"[A-Za-z_]\w*", name) or name in ("where", "kind") and self.chance(.5):
            return "['%s']" % name
        return "['%s']" % name if self.chance(0.02) else name

    def value(self, t, depth):
        """An expression of type t that may stand as an operand everywhere."""
        if self.chance(self.slip):
            t = self.pick(TYPES)
        if t == "bool":
            c = self.column("bool")
            return c if c and self.chance(0.4) else "(" + self.predicate(depth - 1) + ")" if depth > 0 else self.literal("bool")
        if self.lets and self.chance(0.15):
            fit = [n for n, kind in self.lets if kind == t]
            if fit:
                return self.pick(fit)
        roll = self.r.random()
        if depth > 0 and roll < 0.30:
            return self.call(t, depth)
        if depth > 0 and roll < 0.42:
            return self.arithmetic(t, depth)
        if t == "dynamic" and roll < 0.6:
            return self.path(depth)
        c = self.column(t) or (t == "long" and self.column("int")) or (t in ("real", "decimal") and self.column("long"))
        if c and roll < 0.88:
            return c
        return self.literal(t)

    def path(self, depth):
        base = self.column("dynamic") or 'parse_json("{}")'
        if self.chance(0.3):
            base = self.pick(["parse_json", "todynamic"]) + "(" + (self.column("string") or '"x"') + ")"
        for _ in range(self.r.randint(1, 3)):
            base += self.pick([".a", ".name", '["x y"]', "[0]", "['k']", "[-1]", ".id", ".['b']", ".where" if self.chance(.1) else ".c",
                               "[%s]" % (self.column("string") or "1"), "[%s]" % (self.column("long") or "1")])
        return base

    def arithmetic(self, t, depth):
        v = self.value
        if t in NUMBERS:
            a, b = (self.pick(NUMBERS[:3]), t) if t != "long" else (self.pick(["int", "long"]), self.pick(["int", "long"]))
            e = "%s %s %s" % (v(a, depth - 1), self.pick(["+", "-", "*", "/", "%"]), v(b, depth - 1))
            return "(%s)" % e if self.chance(.5) else e
        if t == "datetime":
            return "(%s %s %s)" % (v("datetime", depth - 1), self.pick("+-"), v("timespan", depth - 1))
        if t == "timespan":
            return self.pick([lambda: "(%s - %s)" % (v("datetime", depth - 1), v("datetime", depth - 1)),
                              lambda: "(%s %s %s)" % (v("timespan", depth - 1), self.pick("+-"), v("timespan", depth - 1)),
                              lambda: "%s * %s" % (v("timespan", depth - 1), v("long", depth - 1)),
                              lambda: "%s / %s" % (v("timespan", depth - 1), v("long", depth - 1)),
                              lambda: "-%s" % v("timespan", 0)])()
        if t == "dynamic":
            return self.path(depth)
        return self.literal(t)

    def argument(self, letter, depth, t):
        v = self.value
        if self.chance(self.slip):
            return v(self.pick(TYPES), depth - 1)
        simple = {"s": "string", "l": "long", "b": "bool", "t": "datetime", "p": "timespan", "d": "dynamic", "g": "guid", "r": "real"}
        if letter in simple:
            return v(simple[letter], depth - 1) if letter != "b" else self.predicate(depth - 1)
        if letter == "n":
            return v(self.pick(NUMBERS[:3]), depth - 1)
        if letter == "u":
            return v(t or "long", depth - 1)
        if letter == "a":
            return v(t or self.pick(TYPES[:8]), depth - 1)
        if letter == "o":
            return v(self.pick(["long", "string", "datetime", "real", "timespan"]), depth - 1)
        if letter == "A":
            return self.pick([lambda: self.column("dynamic") or "dynamic([1])", lambda: "dynamic(['a', 'b'])", lambda: "pack_array(1, 2)",
                              lambda: 'split("a,b", ",")', lambda: "parse_json(%s)" % v("string", 0)])()
        if letter == "B":
            return self.pick([lambda: self.column("dynamic") or 'dynamic({"a": 1})', lambda: 'dynamic({"a": 1})',
                              lambda: "parse_json(%s)" % v("string", 0), lambda: 'bag_pack("a", 1)'])()
        if letter == "C":
            return self.pick(['"%s"', "'%s'"]) % "regex" if self.chance(.1) else '@"%s"' % self.pick(PATTERNS) if self.chance(.8) else '"x"'
        if letter == "W":
            return self.pick(['"windows"', '"Windows"', '"linux"'])
        if letter == "F":
            return self.pick(['"yyyy-MM-dd"', '"HH:mm"', '"d.hh:mm"', '"yyyy-MM-dd HH:mm:ss"'])
        if letter == "P":
            return self.pick(['"day"', '"hour"', '"Month"', "'year'", '"minute"', '"week"', '"second"', '"quarter"', "'millisecond'"])
        if letter == "K":
            return '"%s"' % self.pick([c for c, kind in self.cols if t is None or kind == t or self.chance(.1)] + ["nosuch"])
        if letter == "Q":
            return self.pick(["50", "95", "99.5", "5"])
        return letter if letter.isdigit() else "1"

    def arguments(self, params, depth, t=None):
        required, _, rest = params.partition("[")
        star = params.endswith("*")
        letters = list(required.rstrip("*"))
        options = list(rest.split("]")[0]) if rest else []
        letters += options[:self.r.randint(0, len(options))]
        if star and letters:
            letters += [letters[-1]] * self.r.randint(0, 3)
        if self.chance(self.slip):
            if letters and self.chance(.5):
                letters.pop()
            else:
                letters.append("a")
        return [self.argument(x, depth, t) for x in letters]

    def call(self, t, depth):
        fit = list(self.by_result.get(t, []))
        if t in NUMBERS[:3]:
            fit += self.by_result["number"]
        if t in NUMBERS[:3] + ["datetime", "timespan"]:
            fit += self.by_result["bin"]
        if t == "long":
            fit += self.by_result["int"]
        fit += self.by_result["same"]
        name, result, params = self.pick(fit)
        if self.chance(.15):
            name, result, params = self.pick([f for f in fit if f[0] in ("tostring", "tolong", "parse_json", "extract", "bin", "ago",
                                             "tolower", "iff", "isnotempty", "split", "case")] or fit)
        arg_type = t if result in ("same", "bin", "number") else None
        args = self.arguments(params, depth, arg_type)
        if name == "column_ifexists" and self.chance(.9) and len(args) == 2:
            column, kind = self.pick(self.cols or [("x", t)])
            args = ['"%s"' % (column if kind == t else "nosuch"), self.value(t, depth - 1)]
        if result == "bin" and t == "datetime" and len(args) > 1:
            args[1] = self.pick(["1d", "1h", "30m", "7d"])
        if name == "case" and self.chance(.4):
            args[1:1] = [self.argument("a", depth, t), self.predicate(depth - 1)]
        if name in ("extract", "extract_json") and self.chance(.15):
            args.append("typeof(%s)" % self.pick(["long", "string", "int", "real", "datetime"]))
        return "%s(%s)" % (name, ", ".join(args))

    # ---- predicates
    def comparison(self, depth):
        v, r = self.value, self.r.random()
        if r < 0.28:
            op = self.pick(TEXT_OPERATORS)
            left = v(self.pick(["string"] * 6 + ["dynamic"]), depth - 1)
            right = '@"%s"' % self.pick(PATTERNS) if op == "matches regex" else self.string() if self.chance(.8) else v("string", depth - 1)
            return "%s %s %s" % (left, op, right)
        if r < 0.42:
            t = self.pick(["string", "string", "string", "long", "dynamic", "datetime", "int"])
            op = self.pick(["in", "!in", "in~", "!in~", "has_any", "has_all", "in"]) if t in ("string", "dynamic") else self.pick(["in", "!in"])
            items = ", ".join(v("string" if t == "dynamic" else t, 0) if self.chance(.2) else self.literal("string" if t == "dynamic" else t)
                              for _ in range(self.r.randint(1, 4)))
            if self.chance(.1):
                items = self.pick(['dynamic(["a", "b"])', self.column("dynamic") or "dynamic(null)", 'split("a,b", ",")'])
            return "%s %s (%s)" % (v(t, depth - 1), op, items)
        if r < 0.66:
            t = self.pick(["long", "int", "real", "datetime", "datetime", "timespan", "long", "decimal"])
            return "%s %s %s" % (v(t, depth - 1), self.pick(["<", ">", "<=", ">=", "==", "!=", "<>"]), v(t, depth - 1))
        if r < 0.72:
            t = self.pick(["long", "datetime", "timespan", "real", "int"])
            hi = v("timespan" if t == "datetime" and self.chance(.3) else t, depth - 1)
            return "%s %s (%s%s%s)" % (v(t, depth - 1), self.pick(["between", "between", "!between"]), v(t, depth - 1),
                                       self.pick([" .. ", ".."]), hi)
        if r < 0.76:
            return "%s %s %s" % (v("dynamic", depth - 1), self.pick(["==", "!=", ">", "<", "<="]), self.literal(self.pick(["long", "string", "real"])))
        if r < 0.80:
            t = self.pick(["string", "bool", "guid", "datetime", "dynamic"])
            return "%s %s %s" % (v(t, depth - 1), self.pick(["==", "!="]), v(t, depth - 1))
        if r < 0.82:
            return "* %s %s" % (self.pick(["has", "contains", "==", "startswith", "matches regex"]), self.string())
        if r < 0.90:
            name, _, params = self.pick(self.by_result["bool"])
            return "%s(%s)" % (name, ", ".join(self.arguments(params, depth)))
        if r < 0.95:
            return self.column("bool") or "true"
        return "not(%s)" % self.predicate(depth - 1)

    def predicate(self, depth):
        if depth <= 0:
            return self.pick([lambda: self.column("bool") or "true", lambda: "%s == %s" % (self.column("string") or '"a"', self.string()),
                              lambda: "%s > %s" % (self.column("long") or "1", self.literal("long"))])()
        parts = [self.comparison(depth)]
        while self.chance(.35) and len(parts) < 5:
            parts.append(self.pick(["and", "and", "or"]))
            parts.append("(%s)" % self.predicate(depth - 1) if self.chance(.25) else self.comparison(depth))
        text = " ".join(parts)
        if self.chance(.04):
            text += " // note"
        return text

    # ---- changes
    def mutate(self, text):
        tokens = [t for t in TOKEN.findall(text)]
        solid = [n for n, t in enumerate(tokens) if not t.isspace()]
        if len(solid) < 3:
            return text
        n = self.pick(solid)
        kind = self.r.random()
        if kind < .22:
            del tokens[n]
        elif kind < .36:
            tokens.insert(n, tokens[n] + " ")
        elif kind < .48:
            m = self.pick(solid)
            tokens[n], tokens[m] = tokens[m], tokens[n]
        elif kind < .60:
            words = [m for m in solid if re.match(r"[A-Za-z_]\w+$", tokens[m])]
            if words:
                n = self.pick(words)
                tokens[n] = self.pick([tokens[n].swapcase(), tokens[n][:-1], tokens[n] + "x", tokens[n].capitalize(), tokens[n].lower()])
        elif kind < .74:
            values = [m for m in solid if re.match(r"""["'\d]|true|false|datetime|ago|now""", tokens[m])]
            if values:
                tokens[self.pick(values)] = self.literal(self.pick(TYPES))
        elif kind < .84:
            names = [m for m in solid if tokens[m] in dict(self.cols)]
            if names and self.cols:
                tokens[self.pick(names)] = self.pick(self.cols)[0]
        elif kind < .94:
            extra = self.pick(["and", "or", "not", "(", ")", ",", "|", "=", "==", "in", "has", "..", ".", "[", "]", "by", "-", "!", "&&",
                               "null", "*", ";", "asc", "'", '"', "contains", "between", "typeof", "let", "#", "{", ":", "true", "1"])
            tokens.insert(n, " %s " % extra)
        else:
            ops = [m for m in solid if tokens[m] in ("==", "!=", "<", ">", "<=", ">=", "=~", "has", "contains", "in", "and", "or", "+", "-", "startswith")]
            if ops:
                tokens[self.pick(ops)] = self.pick(["==", "=", "<", "has", "in", "contains", "and", "+", "!in", "=~", "between", "has_any", "!has",
                                                    "matches regex", "!contains", "%", "is", "like", "!"])
        return "".join(tokens)

    def final(self, text):
        if self.chance(.5):
            text = self.mutate(text)
            if self.chance(.2):
                text = self.mutate(text)
        return re.sub(r"[\r\n\t]+", " ", text)

    def use_table(self, name=None):
        name = name or (self.pick(["DeviceProcessEvents", "DeviceInfo", "Machines", "DeviceNetworkEvents", "AlertInfo", "DeviceLogonEvents"])
                        if self.chance(.5) else self.pick(self.names))
        self.cols = list(self.tables[name]["columns"].items())
        return name

    def one_predicate(self):
        self.slip = self.pick([0, 0, 0.03, 0.12])
        self.lets = []
        table = self.use_table("Machines" if self.chance(.4) and "Machines" in self.tables else None)
        return table + "\t" + self.final(self.predicate(self.r.randint(1, 3)))

    # ---- pipelines
    def fresh(self):
        self.count += 1
        return self.pick(["x", "n", "total", "day", "host", "cnt"]) + str(self.count)

    def any_column(self, types=None):
        fit = [c for c in self.cols if types is None or c[1] in types]
        return self.pick(fit or self.cols or [("x", "long")])

    def plain(self, count, types=None):
        out = []
        for _ in range(count):
            c = self.any_column(types)
            if c not in out:
                out.append(c)
        return out

    def ref(self, name):
        return name if re.fullmatch(r"[A-Za-z_]\w*", name) else "['%s']" % name

    def item(self, depth):
        t = self.pick(["string", "string", "long", "datetime", "bool", "real", "dynamic", "timespan"])
        e = self.predicate(depth) if t == "bool" else self.value(t, depth)
        name = self.fresh()
        return "%s = %s" % (name, e), (name, t)

    def step_where(self):
        return "%s %s" % (self.pick(["where"] * 9 + ["filter"]), self.predicate(self.r.randint(1, 2)))

    def step_extend(self):
        texts, new = zip(*[self.item(2) for _ in range(self.r.randint(1, 3))])
        self.cols = self.cols + list(new)
        return "extend " + ", ".join(texts)

    def step_project(self):
        keep = self.plain(self.r.randint(1, 5))
        texts = [self.ref(n) for n, _ in keep]
        new = list(keep)
        if self.chance(.4):
            text, made = self.item(2)
            texts.append(text)
            new.append(made)
        self.cols = new
        return "project " + ", ".join(texts)

    def step_away(self):
        gone = self.plain(self.r.randint(1, 2))
        word = self.pick(["project-away", "project-keep"])
        texts = [self.ref(n) for n, _ in gone]
        if self.chance(.2):
            texts[0] = self.pick(["%s*" % gone[0][0][:3], "*%s" % gone[0][0][-2:], "*x*"])
            if word == "project-keep":
                return "project-away nothing*"
        left = [c for c in self.cols if c not in gone]
        if word == "project-keep" or not left:
            self.cols = gone
            return "project-keep " + ", ".join(texts)
        self.cols = left
        return "project-away " + ", ".join(texts)

    def step_rename(self):
        name, t = self.any_column()
        new = self.fresh()
        self.cols = [(new, t) if c == (name, t) else c for c in self.cols]
        return "project-rename %s = %s" % (new, self.ref(name))

    def step_reorder(self):
        names = [self.ref(n) for n, _ in self.plain(self.r.randint(1, 3))]
        if self.chance(.3):
            names.append(self.pick(["*", "D*", "*Id asc", "A* desc"]))
        return "project-reorder " + ", ".join(names)

    def step_distinct(self):
        if self.chance(.1):
            return "distinct *"
        keep = self.plain(self.r.randint(1, 3), ("string", "long", "datetime", "int", "bool"))
        self.cols = keep
        return "distinct " + ", ".join(self.ref(n) for n, _ in keep)

    def aggregate(self):
        name, result, params = self.pick(self.aggregates)
        if name in ("arg_max", "arg_min"):
            over, _ = self.any_column(("datetime", "long"))
            rest = "*" if self.chance(.5) else ", ".join(self.ref(n) for n, _ in self.plain(self.r.randint(1, 2)))
            return "%s(%s, %s)" % (name, self.ref(over), rest), None
        t = self.pick(["string", "long", "datetime", "real"]) if result == "same" else None
        if name == "percentile":
            t = "long"
        letters = params.replace("o", "a") if result == "same" and t else params
        args = self.arguments(letters, 1, t)
        out = {"same": t, "number": "long", "star": None}.get(result, result)
        return "%s(%s)" % (name, ", ".join(args)), out

    def step_summarize(self):
        calls, new = [], []
        for _ in range(self.r.randint(0 if self.chance(.1) else 1, 3)):
            text, t = self.aggregate()
            if t and self.chance(.6):
                name = self.fresh()
                if self.chance(.08) and t in ("long", "real"):
                    text += " * 100"
                new.append((name, t))
                text = "%s = %s" % (name, text)
            elif text == "count()" and "count_" not in dict(new):
                new.append(("count_", "long"))
            elif t:
                name = self.fresh()
                new.append((name, t))
                text = "%s = %s" % (name, text)
            calls.append(text)
        keys, by = [], []
        if not calls or self.chance(.75):
            for c in self.plain(self.r.randint(1, 3), ("string", "long", "bool", "int", "datetime")):
                if c[1] == "datetime" and self.chance(.8):
                    by.append("bin(%s, %s)" % (self.ref(c[0]), self.pick(["1d", "1h", "7d"])))
                else:
                    by.append(self.ref(c[0]))
                keys.append(c)
        self.cols = keys + new or [("count_", "long")]
        return "summarize " + ", ".join(calls) + (" by " + ", ".join(by) if by else "")

    def order(self):
        name = self.ref(self.any_column(("string", "long", "datetime", "real", "int", "bool", "timespan"))[0])
        return name + self.pick(["", "", " asc", " desc", " desc nulls first", " nulls last", " asc nulls last"])

    def step_sort(self):
        return "%s by %s" % (self.pick(["sort", "order"]), ", ".join(self.order() for _ in range(self.r.randint(1, 2))))

    def step_top(self):
        return "top %d by %s" % (self.r.randint(1, 100), self.order())

    def step_take(self):
        return "%s %s" % (self.pick(["take", "limit", "sample"]), self.pick(["10", "1", "100", "5 + 5"]))

    def step_count(self):
        self.cols = [("Count", "long")]
        return "count"

    def other_side(self):
        before = self.cols
        table = self.use_table()
        steps = [table]
        if self.chance(.6):
            steps.append(self.step_where())
        if self.chance(.4):
            steps.append(self.step_project())
        cols, self.cols = self.cols, before
        return (steps[0] if len(steps) == 1 and self.chance(.5) else "(" + " | ".join(steps) + ")"), cols

    def step_join(self):
        right, cols = self.other_side()
        mine = dict(self.cols)
        shared = [n for n, t in cols if mine.get(n) == t and t != "dynamic"]
        kind = self.pick(["innerunique", "inner", "leftouter", "rightouter", "fullouter", "leftanti", "anti", "rightanti", "leftsemi", "rightsemi",
                          "leftantisemi", "rightantisemi"])
        head = "join " + ("" if self.chance(.3) else "kind=%s " % kind) + self.pick(["", "", "", "hint.strategy=broadcast "])
        if "kind" not in head:
            kind = "inner"
        if shared and self.chance(.8):
            on = ", ".join(self.ref(n) for n in shared[:self.r.randint(1, 2)])
        else:
            pairs = [(a, b) for a, t in self.cols for b, u in cols if t == u and t in ("string", "long")]
            a, b = self.pick(pairs) if pairs else ("DeviceId", "DeviceId")
            on = "$left.%s == $right.%s" % (self.ref(a), self.ref(b))
        if kind.startswith("right") and kind != "rightouter":
            self.cols = cols
        elif "anti" not in kind and "semi" not in kind:
            self.cols = self.cols + [(n + "1" if n in mine else n, t) for n, t in cols if n + "1" not in mine]
        return head + right + " on " + on

    def step_lookup(self):
        right, cols = self.other_side()
        shared = [n for n, t in cols if dict(self.cols).get(n) == t and t != "dynamic"]
        on = self.ref(shared[0]) if shared else "DeviceId"
        return "lookup %s%s on %s" % (self.pick(["", "kind=leftouter ", "kind=inner "]), right, on)

    def step_union(self):
        parts = [self.other_side()[0] for _ in range(self.r.randint(1, 2))]
        return "union " + self.pick(["", "", "kind=outer ", "isfuzzy=true ", "withsource=Src ", "" if self.chance(.8) else "kind=inner "]) + ", ".join(parts)

    def step_expand(self):
        word = self.pick(["mv-expand", "mv-expand", "mvexpand"])
        name = self.column("dynamic")
        roll = self.r.random()
        if name and roll < .5:
            return "%s %s%s" % (word, name, self.pick(["", " to typeof(string)", " limit 10", " to typeof(long)"]))
        new = self.fresh()
        self.cols = self.cols + [(new, "dynamic")]
        option = self.pick(["", "", "", "kind=array ", "bagexpansion=array ", "with_itemindex=i "])
        return "%s %s%s = parse_json(%s)" % (word, option, new, self.column("string") or '"[]"')

    def step_apply(self):
        new = self.fresh()
        inner = self.pick(["where %s > 1" % new, "where tostring(%s) == 'a'" % new, "summarize make_list(%s)" % new, "take 1",
                           "extend y%s = %s.a" % (new, new), "where isnotempty(%s) | count" % new, "top 1 by tostring(%s)" % new])
        text = "mv-apply %s = parse_json(%s) %son (%s)" % (new, self.column("string") or '"[]"', self.pick(["", "", "to typeof(long) ", "limit 5 "]), inner)
        self.cols = self.cols + ([(new, "long" if "typeof" in text else "dynamic")] if "where %s" % new in inner or "take" in inner else [])
        return text

    def step_parse(self):
        column = self.column("string") or "DeviceName"
        a, b = self.fresh(), self.fresh()
        kind = self.pick(["", "", "kind=simple ", "kind=regex ", "kind=relaxed "])
        pattern = self.pick(['"a=" %s " b=" %s' % (a, b), '* "user " %s " from " %s:long *' % (a, b), '%s ":" %s' % (a, b), '* "x" %s' % a])
        self.cols = self.cols + [(a, "string")]
        return "%s %s %swith %s" % (self.pick(["parse", "parse", "parse-where"]), column, kind, pattern)

    def step_serialize(self):
        if self.chance(.4):
            return "serialize"
        new = self.fresh()
        self.cols = self.cols + [(new, "long")]
        c = self.any_column(("long", "string", "datetime"))
        return self.pick(["serialize %s = row_number()" % new, "order by %s asc | extend %s = row_number()" % (self.ref(c[0]), new),
                          "serialize | extend %s = prev(%s)" % (new, self.ref(c[0])), "sort by %s | extend %s = next(%s, 1)" % (self.ref(c[0]), new, self.ref(c[0])),
                          "serialize %s = row_cumsum(%s)" % (new, self.ref(self.any_column(("long", "int"))[0]))])

    def step_plugin(self):
        bag = self.column("dynamic")
        if bag and self.chance(.5):
            self.cols = [c for c in self.cols if self.ref(c[0]) != bag and c[0] != bag] or self.cols
            return "evaluate bag_unpack(%s)" % bag
        pivoted, (key, kind) = self.any_column(("string",)), self.any_column(("string", "long"))
        if pivoted[0] == key:
            rest = [c for c in self.cols if c[0] != key and c[1] != "dynamic"]
            self.cols = rest or self.cols
            return "evaluate pivot(%s)" % self.ref(key)
        self.cols = [(key, kind)]
        return "evaluate pivot(%s, %s, %s)" % (self.ref(pivoted[0]), self.pick(["count()", "dcount(%s)" % self.ref(key)]), self.ref(key))

    def step_other(self):
        return self.pick([lambda: "as T%d" % self.r.randint(1, 9), lambda: "getschema", lambda: "render %s" % self.pick(
            ["table", "timechart", "barchart", "piechart", "columnchart", "linechart", 'timechart with (title="x")']),
            lambda: "sample-distinct 5 of %s" % self.ref(self.any_column(("string", "long"))[0]), self.step_plugin, self.step_plugin,
            lambda: "make-series n = count() on %s step 1d" % self.ref(self.any_column(("datetime",))[0]),
            lambda: "partition by %s (take 1)" % self.ref(self.any_column(("string",))[0]), lambda: "search 'x'",
            lambda: "invoke FileProfile(SHA1, 100)", lambda: "invoke SeenBy(SHA1)", lambda: "invoke DeviceFromIP()"])()

    def source(self):
        roll = self.r.random()
        if roll < .80:
            return self.use_table()
        if roll < .84:
            self.cols = [("x", "long"), ("y", "string")]
            return 'datatable(x:long, y:string)[%s]' % ", ".join('%d, "%s"' % (n, "abc"[n % 3]) for n in range(self.r.randint(0, 3)))
        if roll < .88:
            self.cols = [("n", "long")]
            return "range n from 1 to %d step %d" % (self.r.randint(1, 9), self.r.randint(1, 3))
        if roll < .93:
            self.cols = []
            texts, new = zip(*[self.item(2) for _ in range(self.r.randint(1, 3))])
            self.cols = list(new)
            return "print " + ", ".join(texts)
        parts = [self.other_side() for _ in range(self.r.randint(1, 3))]
        self.cols = parts[0][1]
        return "union " + self.pick(["", "withsource=Src ", "isfuzzy=true "]) + ", ".join(p[0] for p in parts)

    def statement(self):
        roll = self.r.random()
        before = self.cols
        self.cols = []
        name = "L%d" % self.r.randint(1, 99)
        if roll < .55:
            t = self.pick(["long", "string", "timespan", "datetime", "dynamic", "bool"])
            text = "let %s = %s; " % (name, self.predicate(1) if t == "bool" else self.value(t, 1))
            self.lets.append((name, t))
        elif roll < .75:
            table = self.use_table()
            text = "let %s = %s%s | %s%s; " % (name, "materialize(" if self.chance(.3) else "", table, self.step_where(), "")
            if "materialize(" in text:
                text = text[:-2] + "); "
            self.tables_extra = (name, list(self.cols))
        elif roll < .9:
            text = self.pick(["let %s = (a: string) { strcat(a, 'x') }; ", "let %s = (t: long, u: long = 5) { t + u }; ",
                              "let %s = () { DeviceInfo | take 1 }; ", "let %s = (T: (DeviceId: string)) { T | summarize count() by DeviceId }; "]) % name
        else:
            text = "let %s = toscalar(DeviceInfo | %s); " % (name, self.pick(["count", "summarize max(Timestamp)", "summarize make_set(DeviceId)"]))
            self.lets.append((name, "long" if "count" in text else "datetime" if "max" in text else "dynamic"))
        self.cols = before
        return text

    STEPS = ([("where", 30), ("extend", 14), ("summarize", 13), ("project", 12), ("reorder", 4), ("distinct", 5), ("join", 7), ("sort", 6), ("union", 3),
              ("top", 3), ("expand", 4), ("apply", 2), ("parse", 3), ("rename", 2), ("take", 3), ("lookup", 2), ("away", 3), ("count", 2),
              ("serialize", 2), ("other", 3)])

    def one_pipeline(self):
        self.slip = self.pick([0, 0, 0.02, 0.06])
        self.lets = []
        head = ""
        while self.chance(.25):
            head += self.statement()
        parts = [self.source()]
        for _ in range(self.r.randint(1, 5)):
            names, weights = zip(*self.STEPS)
            parts.append(getattr(self, "step_" + self.r.choices(names, weights)[0])())
        return self.final(head + " | ".join(parts))


def main():
    seed, kind, count, schema = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
    with open(schema, encoding="utf-8") as file:
        grammar = Grammar(seed, json.load(file)["tables"])
    one = grammar.one_predicate if kind == "predicates" else grammar.one_pipeline
    seen = set()
    while len(seen) < count:
        text = one()
        if text not in seen:
            seen.add(text)
            print(text)


if __name__ == "__main__":
    main()
