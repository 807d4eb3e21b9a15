// node oracle.js SCHEMA.json < QUERIES: what Microsoft's parser and binder say of each line: OK, or ERR and the messages; or
// STRICT and the reason where they are known to let pass what the service or its documentation refuses.
'use strict';
const fs = require('fs');
const path = require('path');

const home = path.join(process.env.ORACLE_MODULES || path.join(__dirname, 'node_modules'), '@kusto/language-service-next');
require(path.join(home, 'bridge.min.js'));
require(path.join(home, 'Kusto.Language.Bridge.min.js'));
const Language = globalThis.Kusto.Language;
const Symbols = Language.Symbols;

// What the hunting service adds to KQL, with the columns that it documents.
const SERVICE = [
	['FileProfile', "(T:(*), x:string='SHA1', y:long=100)", "{ T | extend SHA1='', SHA256='', MD5='', FileSize=int(0), " +
		"GlobalPrevalence=int(0), GlobalFirstSeen=datetime(null), GlobalLastSeen=datetime(null), Signer='', Issuer='', " +
		"SignerHash='', IsCertificateValid=true, IsRootSignerMicrosoft=true, SignatureState='', IsExecutable=true, " +
		"ThreatName='', Publisher='', SoftwareName='', ProfileAvailability='' }"],
	['DeviceFromIP', "(T:(*), x:string='', y:datetime=datetime(null))", "{ T | extend IP='', DeviceId='' }"],
	['SeenBy', "(T:(*), x:string='')", "{ T | extend DeviceId='' }"],
	['AssignedIPAddresses', '(x:string, y:datetime=datetime(null))',
		"{ print Timestamp=datetime(null), IPAddress='', IPType='', NetworkAdapterType=int(0), ConnectedNetworks=int(0) }"],
];
// The service takes a column's name there; the language wants a text.
const BARE_NAME = /(\binvoke\s+(?:FileProfile|DeviceFromIP|SeenBy)\s*\(\s*)([A-Za-z_]\w*)(?=\s*[,)])/g;

function items(list) {
	const out = [];

	for (let n = 0; list && n < list.Count; n++)
		out.push(list.getItem(n));
	return out;
}

function database(tables) {
	const members = Object.entries(tables).map(([name, table]) => new Symbols.TableSymbol.$ctor7(name,
		'(' + Object.entries(table.columns).map(([column, type]) => `['${column}']: ${type}`).join(', ') + ')', null));
	const functions = SERVICE.map((parts) => new Symbols.FunctionSymbol.$ctor16(...parts));

	for (const constructor of ['ctor', '$ctor1', '$ctor2', '$ctor3']) {
		try {
			const symbol = new Symbols.DatabaseSymbol[constructor]('db', members.concat(functions));

			if (symbol.Tables && symbol.Tables.Count === members.length)
				return symbol;
		} catch (error) {
			// another overload
		}
	}
	throw new Error('this version of the parser has no such constructor');
}

// ---- where the parser is more lenient than the service

const Syntax = Language.Syntax;
const NUMBERS = ['int', 'long', 'real', 'decimal'];
const LITERALS = {
	int: /^(null|[-+]?(\d+|0x[0-9a-f]+))?$/i, long: /^(null|[-+]?(\d+|0x[0-9a-f]+))?$/i,
	real: /^(null|nan|[-+]?inf|[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?)?$/i, decimal: /^(null|[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?)?$/i,
	bool: /^(null|true|false|0|1)?$/i, guid: /^(null|[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})?$/i,
	datetime: /^(null|\d[^()]*)?$/, timespan: /^(null|[-\d][^()]*)?$/,
};

function typeOf(node) {
	return node && node.ResultType ? node.ResultType.Name : '';
}

function comparable(a, b) {
	const kind = (type) => NUMBERS.includes(type) || type === 'bool' ? 'number' : type;

	return a === '' || b === '' || a === 'dynamic' || b === 'dynamic' || a === 'unknown' || b === 'unknown' || kind(a) === kind(b);
}

function isTime(type) {
	return type === 'datetime' || type === 'timespan';
}

// What the documentation of datetime arithmetic has.
function timeArithmetic(op, a, b) {
	if (!isTime(a) && !isTime(b) || a === 'dynamic' || b === 'dynamic' || a === '' || b === '')
		return true;
	const all = {
		'+': ['datetime timespan', 'timespan datetime', 'timespan timespan'],
		'-': ['datetime datetime', 'datetime timespan', 'timespan timespan'],
		'*': ['timespan number', 'number timespan'], '/': ['timespan timespan', 'timespan number', 'datetime timespan'],
		'%': ['timespan timespan', 'timespan number', 'datetime timespan'],
	};
	const name = (type) => (NUMBERS.includes(type) ? 'number' : type);

	return (all[op] || []).includes(name(a) + ' ' + name(b));
}

// A constant format that the documentation does not have.
function badFormat(node) {
	const match = /^format_(datetime|timespan)\s*\([\s\S]*,\s*(["'])([^"']*)\2\s*\)$/.exec(node.ToString().trim());

	if (!match)
		return false;
	return !(match[1] === 'datetime' ? /^[dfFhHmMsyt \/\-:,._[\]]*$/ : /^[dfFhHms \/\-:,._[\]]*$/).test(match[3]);
}

// A constant pattern with what the documented syntax does not have: no group for extract_all(), \\U without a code point; and a
// kind of command line other than the one that is documented.
function badConstant(node) {
	const text = node.ToString().trim();
	const name = /^\w+/.exec(text)[0];

	if (/^extract_?all$/.test(name))
		return /^\w+\s*\(\s*@?(["'])(?:(?!\1)[^(\\]|\\.)*\1\s*,/.test(text);
	if (name === 'parse_command_line')
		return /,\s*@?(["'])(?!windows\1)[^"']*\1\s*\)$/i.test(text);
	return /^(trim|trim_start|trim_end|replace_regex|extract|indexof_regex)$/.test(name) && /\\\\U(?![0-9A-Fa-f]{8})/.test(text);
}

function strictNode(node, kind) {
	const op = node.Operator ? node.Operator.Text : '';

	if (node.Left && node.Right && ['==', '!=', '<>'].includes(op) && !comparable(typeOf(node.Left), typeOf(node.Right)))
		return 'equality across types';
	if (node.Left && node.Right && ['+', '-', '*', '/', '%'].includes(op) &&
		!timeArithmetic(op, typeOf(node.Left), typeOf(node.Right)))
		return 'arithmetic with times';
	if (kind === 'UnaryMinusExpression' && typeOf(node.Expression) === 'datetime')
		return 'arithmetic with times';
	if (/^(Not)?In(Cs)?Expression$/.test(kind) || /^Has(Any|All)Expression$/.test(kind)) {
		const left = typeOf(node.Left), text = !/^(Not)?InExpression$/.test(kind);

		for (const item of items(node.Right && node.Right.Expressions).map((entry) => entry.Element || entry))
			if (text ? !['string', 'dynamic', '', 'unknown'].includes(typeOf(item)) && !item.ResultType.Columns : !comparable(left, typeOf(item)) &&
				!item.ResultType.Columns)
				return 'a list item of another type';
	}
	if (kind === 'FunctionCallExpression' && badFormat(node))
		return 'a format';
	if (kind === 'FunctionCallExpression' && badConstant(node))
		return 'a constant';
	if (/^(Int|Long|Real|Decimal|Boolean|DateTime|Timespan|Guid)LiteralExpression$/.test(kind)) {
		const match = /^([a-z0-9]+)\s*\(\s*(['"]?)([\s\S]*?)\2\s*\)$/i.exec(node.ToString().trim());
		const type = match && { double: 'real', time: 'timespan', date: 'datetime' }[match[1]] || (match && match[1]);

		if (match && LITERALS[type] && !LITERALS[type].test(match[3].trim()))
			return 'the text in a literal';
	}
	return null;
}

function strict(node) {
	const kind = System.Enum.toString(Syntax.SyntaxKind, node.Kind);
	let found = node.IsToken ? null : strictNode(node, kind);

	for (let n = 0; !found && !node.IsToken && n < node.ChildCount; n++) {
		const child = node.GetChild(n);

		found = child ? strict(child) : null;
	}
	return found;
}

// A query without a table: the service has nothing to answer.
function onlyDefines(block) {
	return items(block.Statements).every((entry) =>
		/^(LetStatement|EmptyStatement)$/.test(System.Enum.toString(Syntax.SyntaxKind, (entry.Element || entry).Kind)));
}

const schema = JSON.parse(fs.readFileSync(process.argv[2], 'utf8')).tables;
const globals = Language.GlobalState.Default.WithDatabase(database(schema));

for (const line of fs.readFileSync(0, 'utf8').split('\n')) {
	if (line === '')
		continue;
	let answer;
	try {
		const code = Language.KustoCode.ParseAndAnalyze(line.replace(BARE_NAME, "$1'$2'"), globals);
		const faults = items(code.GetDiagnostics()).filter((fault) => fault.Severity === 'Error');

		const lenient = faults.length ? null : strict(code.Syntax) || (onlyDefines(code.Syntax) ? 'definitions alone' : null);

		answer = faults.length ? 'ERR ' + faults.map((fault) => `${fault.Code}@${fault.Start}: ${fault.Message}`).join(' | ') :
			lenient ? 'STRICT ' + lenient : 'OK';
	} catch (error) {
		answer = 'CRASH ' + error.message;
	}
	console.log(answer.replace(/\s+/g, ' '));
}
