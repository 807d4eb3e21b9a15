// node oracle.js SCHEMA.json < QUERIES: what Microsoft's parser and binder say of each line: OK, or ERR and the messages.
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

const schema = JSON.parse(fs.readFileSync(process.argv[2], 'utf8')).tables;
const globals = Language.GlobalState.Default.WithDatabase(database(schema));

for (const line of fs.readFileSync(0, 'utf8').split('\n')) {
	if (line === '')
		continue;
	let answer;
	try {
		const code = Language.KustoCode.ParseAndAnalyze(line.replace(BARE_NAME, "$1'$2'"), globals);
		const faults = items(code.GetDiagnostics()).filter((fault) => fault.Severity === 'Error');

		answer = faults.length ? 'ERR ' + faults.map((fault) => `${fault.Code}@${fault.Start}: ${fault.Message}`).join(' | ') : 'OK';
	} catch (error) {
		answer = 'CRASH ' + error.message;
	}
	console.log(answer.replace(/\s+/g, ' '));
}
