// Sends a link with the npm package aria2, asks for it in three ways, and is refused it again.
const Aria2 = require('aria2')

const [port, secret, link] = process.argv.slice(2)

async function main() {
  const aria2 = new Aria2({ host: '127.0.0.1', port, secret })
  const gid = await aria2.call('addUri', [link], { out: 'from-node.iso' })
  const told = await aria2.call('tellStatus', gid)
  const [[waiting]] = await aria2.multicall([['tellWaiting', 0, 9]])
  const [statistics] = await Promise.all(await aria2.batch([['getGlobalStat']]))
  const refusal = await aria2.call('addUri', [link]).catch((error) => error.message)
  console.log(JSON.stringify({
    isSame: waiting[0].gid === gid,
    path: told.files[0].path,
    waiting: statistics.numWaiting,
    refusal,
  }))
}

main()
