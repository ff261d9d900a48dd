// Loads a pool as xen-api does by itself after connect(), and prints what that cost.
// node xen_api.mjs FOLDER URL USER PASSWORD; FOLDER is where npm has put it.
import { createRequire } from 'node:module'
import { performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'

const [folder, url, user, password] = process.argv.slice(2)
const entry = createRequire(`${folder}/x.js`).resolve('xen-api')
const { createClient } = await import(pathToFileURL(entry))

const began = performance.now()
const cpu = process.cpuUsage()
const xapi = createClient({ url, auth: { user, password }, allowUnauthorized: true })
await xapi.connect()
await xapi.objectsFetched
const { user: inUser, system } = process.cpuUsage(cpu)
const records = Object.keys(xapi.objects.all).length
console.log(JSON.stringify({ wall: (performance.now() - began) / 1000, cpu: (inUser + system) / 1e6, records }))
process.exit(0)
