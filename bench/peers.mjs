// DuckDB on the same pages, with its default threads: `node peers.mjs pages DIR DB` reads them and keeps them in DB,
// `node peers.mjs open DB` filters that as a whole process. Prints `name value` lines as bench does.
import { DuckDBInstance } from '@duckdb/node-api';

const [verb, ...rest] = process.argv.slice(2);
const MACHINE = `STRUCT(id VARCHAR, mergedIntoMachineId VARCHAR, isPotentialDuplication BOOLEAN, isExcluded BOOLEAN,
  exclusionReason VARCHAR, computerDnsName VARCHAR, firstSeen TIMESTAMP, lastSeen TIMESTAMP, osPlatform VARCHAR,
  osVersion VARCHAR, osProcessor VARCHAR, version VARCHAR, lastIpAddress VARCHAR, lastExternalIpAddress VARCHAR,
  agentVersion VARCHAR, osBuild BIGINT, healthStatus VARCHAR, deviceValue VARCHAR, rbacGroupId BIGINT, rbacGroupName VARCHAR,
  riskScore VARCHAR, exposureLevel VARCHAR, isAadJoined BOOLEAN, aadDeviceId VARCHAR, machineTags VARCHAR[],
  onboardingStatus VARCHAR, osArchitecture VARCHAR, managedBy VARCHAR, managedByStatus VARCHAR,
  ipAddresses STRUCT(ipAddress VARCHAR, macAddress VARCHAR, "type" VARCHAR, operationalStatus VARCHAR)[], vmMetadata JSON)`;
const FILTER = `SELECT count(*) FROM devices WHERE riskScore = 'High' AND lastSeen > TIMESTAMP '2025-11-18'
  AND osPlatform IN ('Windows10', 'Windows11')`;
const QUERIES = {
  filter: FILTER,
  summarize: 'SELECT osPlatform, riskScore, count(*) FROM devices GROUP BY ALL',
  contains: "SELECT count(*) FROM devices WHERE computerDnsName ILIKE '%SRV-0012%'",
  'contains-short': "SELECT count(*) FROM devices WHERE computerDnsName ILIKE '%99%'",
};

const print = (name, value) => console.log(`${name} ${Number(value).toFixed(3)}`);

async function timed(connection, sql) {
  const start = performance.now();
  const result = await connection.runAndReadAll(sql);
  return [performance.now() - start, result.getRows()];
}

async function pages(directory, database) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  // The form that is read faster counts: with the columns given, or found out.
  const forms = ['', `, columns = {value: '${MACHINE}[]'}`]; // the last is the table that is asked
  let best = Infinity;

  print('threads', (await connection.runAndReadAll("SELECT current_setting('threads')")).getRows()[0][0]);
  for (const form of forms) {
    await connection.run('DROP TABLE IF EXISTS devices');
    const [ms] = await timed(connection, `CREATE TABLE devices AS SELECT m.* FROM (SELECT unnest(value) AS m FROM
      read_json('${directory}/*.json', maximum_object_size = 268435456${form}))`);
    best = Math.min(best, ms);
  }
  print('read', best);
  for (const [name, sql] of Object.entries(QUERIES)) {
    let least = Infinity;
    let rows;
    for (let run = 0; run < 9; run++) {
      let ms;
      [ms, rows] = await timed(connection, sql);
      least = Math.min(least, ms);
    }
    print(name, least);
    print(`${name}-rows`, name === 'summarize' ? rows.length : rows[0][0]);
  }
  await connection.run(`ATTACH '${database}' AS kept; CREATE TABLE kept.devices AS FROM devices; DETACH kept`);
}

async function open(database) {
  const connection = await (await DuckDBInstance.create(database, { access_mode: 'READ_ONLY' })).connect();
  const [ms, rows] = await timed(connection, FILTER);
  print('filter', ms);
  print('filter-rows', rows[0][0]);
}

if (verb === 'pages')
  await pages(...rest);
else
  await open(...rest);
