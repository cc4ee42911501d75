// allauth's script fires an event when the browser or the person refuses a passkey; this shows the sentence that waits on the page for it.
document.addEventListener('allauth.error', event => {
  const notice = document.getElementById('passkey-failed')
  if (notice) {
    event.preventDefault()
    notice.hidden = false
    notice.scrollIntoView({ block: 'nearest' })
  }
})
